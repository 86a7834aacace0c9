"""How many unseen businesses (``tests/businesses``) the judge alone gets exact, and whether it reads the demo's mails.

What tests/integration/answers proves through ingestion and graph in minutes, for the judge's part only, in seconds: of
each business the customers' mails of the month asked for are judged, and who complained is compared with who should
have. Businesses share some 160 texts, so one text misread can cost many of them: errors are told by text, too, as a
number only. Nobody who writes labelled mails should read the texts themselves.

Run: ``PYTHONPATH=.:tests python -m bench.set_question.unseen [--net FILE] [--seeds 0-19 1000-1039]``.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from businesses import generate  # type: ignore[import-not-found, unused-ignore]
from businesses.questions import ask  # type: ignore[import-not-found, unused-ignore]

from actors.ingest.parse_mail import parse_mail
from actors.models.onnx_embedder import OnnxEmbedder
from actors.retrieval.set_question.judge import Claim, Judge
from actors.retrieval.set_question.mail_text import read
from actors.retrieval.set_question.net import FITTED, load

SAMPLE = Path(__file__).resolve().parents[2] / "cluster" / "sample_business"
OUTSIDERS = "@outside.example"


@dataclass(frozen=True)
class Letter:
    address: str
    subject: str
    body: str
    month: str  # "2026-06"

    @property
    def text(self) -> str:
        """A short name of what it says, the same for the same words in another business."""
        return hashlib.sha256(" ".join(read(self.subject, self.body).units)[:40].encode()).hexdigest()[:8]


def letters(files: Sequence[Path]) -> Iterator[Letter]:
    for file in sorted(file for file in files if file.suffix == ".eml"):
        parsed = parse_mail(file.read_bytes())
        assert parsed.mail is not None
        start, end = parsed.mail.body
        address = parseaddr(parsed.mail.from_address)[1].lower()
        yield Letter(address, parsed.mail.subject, parsed.text[start:end], str(parsed.mail.sent_on)[:7])


async def wrong(judge: Judge, topic: str, mails: Sequence[Letter], expected: set[str]) -> list[str]:
    """What is wrong, a word each: "+" for a text counted wrongly, "-" for a customer missed."""
    verdicts = await judge.judge(Claim(intent="complain", topic=topic), [(m.subject, m.body) for m in mails])
    yes = [mail for mail, verdict in zip(mails, verdicts, strict=True) if verdict.says == "yes"]
    missed = expected - {mail.address for mail in yes}
    texts = {mail.text for mail in mails if mail.address in missed}
    return [*(f"+{mail.text}" for mail in yes if mail.address not in expected), *(f"-{text}" for text in sorted(texts))]


async def business(judge: Judge, seed: int) -> list[str]:
    asked = ask(seed, random.Random(f"business {seed}"))
    with tempfile.TemporaryDirectory() as folder:
        made = await asyncio.to_thread(generate, seed, Path(folder))
        month, shop = f"{asked.year}-{asked.month:02d}", "".join(c for c in made.shop.lower() if c.isalnum())
        others = (OUTSIDERS, f"@{shop}.example")
        mails = [m for m in letters(made.files) if m.month == month and not m.address.endswith(others)]
        return await wrong(judge, made.topic, mails, set(made.expected))


async def sample(judge: Judge) -> list[str]:
    """What is wrong with the demo's mails of June 2026."""
    asked = json.loads(await asyncio.to_thread((SAMPLE / "questions.json").read_text))["set_questions"]
    customers = (await asyncio.to_thread((SAMPLE / "data" / "customers.csv").read_text)).lower()
    mails = [
        m for m in letters(list((SAMPLE / "mail").glob("*.eml"))) if m.month == "2026-06" and m.address in customers
    ]
    found = []
    for topic in ("delivery", "quality", "billing"):
        expected = {c["email"] for q in asked if q["id"] == f"set-{topic}" for c in q["customers"]}
        found += [f"{topic} {each}" for each in await wrong(judge, topic, mails, expected)]
    return found


def _seeds(spans: Sequence[str]) -> Iterator[range]:
    for span in spans:
        first, _, last = span.partition("-")
        yield range(int(first), int(last or first) + 1)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", type=Path, default=FITTED)
    parser.add_argument("--seeds", nargs="*", default=["0-19", "1000-1039"], help="spans of seeds")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache" / "ragleap" / "models")
    options = parser.parse_args()
    judge = Judge(OnnxEmbedder(options.models / "bge-small-en-v1.5"), net=load(options.net))
    print(f"demo: {await sample(judge) or 'right'}", flush=True)
    for seeds in _seeds(options.seeds):
        errors = {seed: await business(judge, seed) for seed in seeds}
        bad = [seed for seed, found in errors.items() if found]
        by_text: dict[str, list[int]] = defaultdict(list)
        for seed in bad:
            for each in errors[seed]:
                by_text[each].append(seed)
        print(f"{seeds.start}-{seeds.stop - 1}: {len(seeds) - len(bad)} of {len(seeds)} exact, wrong {bad}")
        for text, where in sorted(by_text.items(), key=lambda item: -len(item[1])):
            print(f"    {text}: {where}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())

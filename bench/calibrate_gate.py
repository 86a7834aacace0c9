"""Where the relevance gate should stand: ``python bench/calibrate_gate.py``. Stores nothing.

Half of lihua_world's questions (every other one, answerable and not) choose the threshold: the greatest at which
``--keep`` of the answerable ones are still answered. Both halves are reported: what is kept and what is declined.
The unanswerable ones there ask for a detail that the chats on the same topic do not hold: the hardest kind.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from retrieval_rig import rig
from retrieval_sets import data_folder, lihua_world

from actors.compose.gate import Gate, GateSettings
from actors.messages import Search
from runtime import telemetry

RESULTS = 8  # as many as the composer asks for
Judged = tuple[bool, float]  # answerable?, confidence


async def confidences(folder: Path, every: int) -> list[Judged]:
    """The logit that decides, for every question; of the answerable ones with one evidence, each ``every``-th."""
    found: list[Judged] = []
    async with rig(folder) as made:
        questions = lihua_world(data_folder())
        await made.load(questions)
        # A gate that nothing passes takes the closest look everywhere.
        gate = Gate(made.reranker, GateSettings(sure=0.0))
        search = made.search(questions)
        for number, question in enumerate(questions.questions):
            if question.kind == "Single" and number % every:
                continue
            results = (await search.search(Search(query=question.text, k=RESULTS))).results
            found.append((question.recall is not None, await gate.confidence(question.text, results)))
    return found


def threshold(judged: list[Judged], keep: float) -> float:
    answerable = sorted(confidence for can, confidence in judged if can)
    return answerable[int((1.0 - keep) * len(answerable))]


def report(name: str, judged: list[Judged], at: float) -> None:
    can = [confidence for answerable, confidence in judged if answerable]
    cannot = [confidence for answerable, confidence in judged if not answerable]
    kept = sum(confidence >= at for confidence in can) / len(can)
    declined = sum(confidence < at for confidence in cannot) / len(cannot)
    print(
        f"{name:12} at {at:5.2f}: answered {kept:.3f} of {len(can)} answerable, "
        f"declined {declined:.3f} of {len(cannot)} unanswerable"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="stores that bench_retrieval.py has kept")
    parser.add_argument("--keep", type=float, default=0.95)
    parser.add_argument("--every", type=int, default=3)
    options = parser.parse_args()
    telemetry.configure("WARNING")
    with tempfile.TemporaryDirectory(prefix="ragleap-bench-") as temporary:
        judged = asyncio.run(confidences(options.data_dir or Path(temporary), options.every))
    can = [each for each in judged if each[0]]
    cannot = [each for each in judged if not each[0]]
    chosen, held_out = can[::2] + cannot[::2], can[1::2] + cannot[1::2]
    at = threshold(chosen, options.keep)
    print(f"threshold that keeps {options.keep:.2f} of the answerable questions of the first half: {at:.2f}")
    for name, half in (("chosen on", chosen), ("held out", held_out)):
        for level in sorted({at, -2.0, 0.0, 1.0, 2.0}):
            report(name, half, level)
    return 0


if __name__ == "__main__":
    sys.exit(main())

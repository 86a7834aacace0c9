"""The table of a chaos run: by victim, how often it was struck, what that met, and after how long it was back.

Every blow is also a line of a file, so that a run that was cut off, or several runs, can be told of together.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from statistics import median

from chaos.assault import Struck

_FIELDS = tuple(field.name for field in fields(Struck))
_HEAD = ("struck", "blows", "turn in flight", "others away", "back p50", "max", "answers p50", "max", "troubles")
_ROW = "{:<32} {:>6} {:>15} {:>12} {:>9} {:>6} {:>12} {:>6} {:>9}"


def keep(file: Path, struck: Iterable[Struck], **told: object) -> None:
    """Add the blows to ``file``, each with what else is ``told`` of its run."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as out:
        for one in struck:
            out.write(json.dumps({**told, **{name: getattr(one, name) for name in _FIELDS}}) + "\n")


def kept(file: Path) -> list[Struck]:
    """Every blow of ``file``."""
    if not file.exists():
        return []
    told = [json.loads(line) for line in file.read_text().splitlines()]
    return [Struck(**{name: one[name] for name in _FIELDS} | {"troubles": Counter(one["troubles"])}) for one in told]


def table(struck: Sequence[Struck]) -> Iterator[str]:
    """The lines to print: one a victim, then the whole."""
    yield _ROW.format(*_HEAD)
    for name in sorted({one.name for one in struck}):
        yield _row(name, [one for one in struck if one.name == name])
    if struck:
        yield _row("all", struck)
        met = sum((one.troubles for one in struck), Counter[str]())
        yield f"what callers met and made good by sending again: {dict(met.most_common())}"


def _row(name: str, struck: Sequence[Struck]) -> str:
    flying = sum(1 for one in struck if one.in_flight)
    back, answers = [one.back_s for one in struck], [one.answers_s for one in struck]
    return _ROW.format(
        name,
        len(struck),
        f"{flying} ({sum(one.in_flight for one in struck)} turns)",
        sum(1 for one in struck if one.others_away),
        f"{median(back):.1f}",
        f"{max(back):.1f}",
        f"{median(answers):.1f}",
        f"{max(answers):.1f}",
        sum(one.troubles.total() for one in struck),
    )

"""``make chaos``: hundreds of kills at seeded moments under load, then what the journal says of it.

``python -m chaos --kills 300 --seed 1``: two thirds on SQLite with one cell, one third on PostgreSQL with two cells
(``--journal`` for one of them alone). Every ``--round`` blows the load stops and everything is judged. Blows are kept
in ``--log``, over several runs; ``--report`` prints the table of all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from chaos import report
from chaos.assault import Struck
from chaos.installation import JOURNALS, Installation
from chaos.rounds import Round
from chaos.shop import files

LOG = Path("build/chaos.jsonl")


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--journal", choices=JOURNALS)
    parser.add_argument("--round", type=int, default=50)
    parser.add_argument("--log", type=Path, default=LOG)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    struck: list[Struck] = []
    if not options.report:
        shares = _shares(options.kills, options.journal)
        try:
            for journal, kills in shares.items():
                asyncio.run(_run(journal, kills, options, struck))
        except KeyboardInterrupt:
            print("interrupted: this is what was done")
    print("\n".join(report.table(report.kept(options.log) if options.report else struck)))
    return 0


def _shares(kills: int, journal: str | None) -> Mapping[str, int]:
    """How many blows on which journal."""
    if journal is not None:
        return {journal: kills}
    return {"sqlite": kills - kills // 3, "postgresql": kills // 3}


async def _run(journal: str, kills: int, options: argparse.Namespace, struck: list[Struck]) -> None:
    """One installation, from its start to its end; on failure its folder is kept."""
    made = Installation(journal)
    print(f"{journal}: {kills} blows, seed {options.seed}; everything lies in {made.folder}")
    try:
        await asyncio.to_thread(made.stack.start)
        delivered = files(made.folder / "business")
        done = 0
        while done < kills:
            number = min(options.round, kills - done)
            one = Round(made, options.seed * 1_000 + done, delivered, _Progress(done, kills))
            blows = await one.run(number)
            struck += blows
            report.keep(options.log, blows, journal=journal, seed=options.seed)
            done += number
            print(f"{journal}: {done} of {kills}: {one.told()}")
        assert await asyncio.to_thread(made.stop) == 0, "\n".join(made.stack.lines[-20:])
        assert made.stack.left() == []
        shutil.rmtree(made.folder)
    finally:
        made.end()


class _Progress:
    """Tells of each blow when what it struck is back."""

    def __init__(self, done: int, of: int) -> None:
        self._done, self._of, self._began = done, of, time.monotonic()

    def __call__(self, one: Struck) -> None:
        self._done += 1
        print(
            f"  {self._done:>4} of {self._of}, {time.monotonic() - self._began:.0f} s  {one.name:<32}"
            f" {one.in_flight} turns in flight, back after {one.back_s:.1f} s"
            f"{', others away' if one.others_away else ''}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())

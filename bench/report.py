"""What a benchmark found: rows of figure, value and bar, written to ``results/NAME.json`` and shown in RESULTS.md."""

from __future__ import annotations

import json
import operator
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results"
_COMPARE = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. ``bar`` is ">= 0.85", "<= 300" or "" where nothing was asked; ``baseline`` is what it was measured
    beside in the same run, ``ratio`` the value over it."""

    figure: str
    value: float
    unit: str = ""
    bar: str = ""
    baseline: str = ""
    ratio: float | None = None

    def reached(self) -> bool | None:
        """Whether the value keeps to the bar; None where there is none."""
        if not self.bar:
            return None
        sign, limit = self.bar.split()
        return bool(_COMPARE[sign](self.value, float(limit)))


def publish(name: str, command: str, rows: Sequence[Row]) -> None:
    """Print the table, write ``results/NAME.json`` and rebuild RESULTS.md."""
    RESULTS.mkdir(exist_ok=True)
    found = {
        "name": name,
        "command": command,
        "commit": _commit(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "rows": [asdict(row) for row in rows],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    print(_table(rows))
    rebuild()


def rebuild() -> None:
    """RESULTS.md from every file in ``results/``."""
    parts = [
        "# Benchmark results\n",
        "Made by `make bench-NAME`; the newest run of each. Shared, noisy machine: 2 cores.\n",
    ]
    for path in sorted(RESULTS.glob("*.json")):
        found = json.loads(path.read_text())
        rows = [Row(**row) for row in found["rows"]]
        parts.append(f"## {found['name']}\n\n`{found['command']}`, {found['date']}, commit {found['commit']}\n")
        parts.append(_table(rows) + "\n")
    (FOLDER / "RESULTS.md").write_text("\n".join(parts))


def _table(rows: Sequence[Row]) -> str:
    lines = ["| figure | value | bar | | beside | ratio |", "|---|---|---|---|---|---|"]
    for row in rows:
        verdict = {True: "reached", False: "MISSED", None: ""}[row.reached()]
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(f"| {row.figure} | {row.value:g} {row.unit} | {row.bar} | {verdict} | {row.baseline} | {ratio} |")
    return "\n".join(lines)


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    rebuild()
    sys.exit(0)

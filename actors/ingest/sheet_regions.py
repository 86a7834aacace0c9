"""The tables of a sheet: a sheet is a canvas, and people put several tables on one, with air between them.

Promises: every filled cell is in exactly one region, in reading order; a table is cut at blank rows only where another
header follows, and at blank columns only where its sides do not share their rows. Pure.

Held by tests/unit/actors/ingest/test_sheets.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.ingest.parse_table import is_header

Grid = Sequence[Sequence[str]]
_MAX_REGIONS = 200  # of a sheet; what is left then stays as it is
_LOOKED_AT = 50  # rows under a header that are looked at


def regions(grid: Grid) -> list[Grid]:
    """The regions of a grid of equally long rows, without the blank rows and columns around and within them."""
    found: list[Grid] = []
    todo = [trimmed(grid)]
    while todo:
        region = todo.pop()
        cut = _cut(region) if len(found) + len(todo) < _MAX_REGIONS else None
        if cut is not None:
            todo.extend(trimmed(part) for part in reversed(cut))
        elif region:
            found.append([row for row in region if any(row)])
    return found


def trimmed(grid: Grid) -> Grid:
    """The grid without the blank rows and columns around what is filled."""
    rows = [i for i, row in enumerate(grid) if any(row)]
    if not rows:
        return []
    filled = grid[rows[0] : rows[-1] + 1]
    width = len(filled[0])
    left = min(next((i for i, cell in enumerate(row) if cell), width) for row in filled)
    right = max(len(row) - next((i for i, cell in enumerate(reversed(row)) if cell), len(row)) for row in filled)
    return filled if (left, right) == (0, width) else [row[left:right] for row in filled]


def _cut(region: Grid) -> tuple[Grid, Grid] | None:
    """The region in two, where it is two."""
    for at in _gaps([any(row) for row in region]):
        if _stands_alone(region[:at], region[at:]):
            return region[:at], region[at:]
    for at in _gaps([any(column) for column in zip(*region, strict=True)]):
        left, right = [row[:at] for row in region], [row[at:] for row in region]
        if _rows(left) != _rows(right) or _names(left) & _names(right):
            return left, right
    return None


def _stands_alone(above: Grid, below: Grid) -> bool:
    """Whether what follows a blank row is a table of its own. Lines of one cell above a table are its title."""
    if all(sum(1 for cell in row if cell) < 2 for row in above):
        return False
    if _columns(above).isdisjoint(_columns(below)):
        return True
    table = trimmed(below[:_LOOKED_AT])
    return is_header(table[0], table[1:], len(table[0]))


def _gaps(filled: Sequence[bool]) -> list[int]:
    """Where something begins again after a blank."""
    return [at for at in range(2, len(filled)) if filled[at] and not filled[at - 1]]


def _columns(grid: Grid) -> set[int]:
    return {i for row in grid for i, cell in enumerate(row) if cell}


def _rows(grid: Grid) -> tuple[int, int]:
    filled = [i for i, row in enumerate(grid) if any(row)]
    return filled[0], filled[-1]


def _names(grid: Grid) -> set[str]:
    """What its first filled row says."""
    return {cell for cell in next(row for row in grid if any(row)) if cell}

"""What an XLSX says beside its cells: comments with the cell they stand at, and charts.

Promises: a sheet that spans more cells than could be held is refused before its cells are read; a broken part is left
out.

Source: SpreadsheetML, ISO/IEC 29500-1, 18.7 (comments); threaded comments, [MS-XLSX] 2.6.

Held by tests/unit/actors/ingest/test_sheets.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from actors.ingest.charts import read_chart
from actors.ingest.ooxml import Package, attribute, first, named
from actors.ingest.written import told_comment
from runtime.errors import Terminal

_MAX_CELLS = 20_000_000
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
_MAX_COMMENTS = 5_000


class SheetNotes:
    """``lines`` of each sheet, by its name. ``commented``: there were comments among those told so far."""

    def __init__(self, data: bytes) -> None:
        self.commented = False
        self._package = Package(data)
        main = self._package.main("xl/workbook.xml")
        root, relations = self._package.part(main), self._package.relations(main)
        self._parts = {}
        for sheet in named(root, "sheet") if root is not None else ():
            found = relations.get(next((value for key, value in sheet.items() if key.endswith("}id")), ""))
            if found is not None:
                self._parts[attribute(sheet, "name")] = found.part
        self._people = dict(self._persons(main))

    def check_size(self, sheet: str) -> None:
        """Raise Terminal where a sheet says that its cells lie too far apart to be held together."""
        told = _DIMENSION.search(self._package.beginning(self._parts.get(sheet, "")))
        if told is None:
            return
        columns = _column(told[3]) - _column(told[1]) + 1
        if columns * (int(told[4]) - int(told[2]) + 1) > _MAX_CELLS:
            raise Terminal(
                f"The sheet {sheet} reaches over more than {_MAX_CELLS:,} cells.",
                do="Delete the cells that stand far away from its tables, then upload it.",
            )

    def lines(self, sheet: str) -> tuple[str, ...]:
        """Comments and charts of a sheet, a line each."""
        part = self._parts.get(sheet, "")
        comments = tuple(self._comments(part))
        self.commented = self.commented or bool(comments)
        return (*comments, *self._charts(part))

    def _comments(self, part: str) -> Iterator[str]:
        threads = dict.fromkeys(self._threads(part))
        yield from (told for _, told in threads)
        told_of = {cell for cell, _ in threads}  # the older kind repeats them, for older programs
        for name in self._package.related(part, "comments"):
            root = self._package.part(name)
            authors = [(each.text or "").strip() for each in named(root, "author")] if root is not None else []
            for each in list(named(root, "comment"))[:_MAX_COMMENTS] if root is not None else ():
                place = attribute(each, "authorId")
                author = authors[int(place)] if place.isdigit() and int(place) < len(authors) else ""
                text = " ".join("".join(t.text or "" for t in named(each, "t")).split())
                if attribute(each, "ref") not in told_of:
                    yield _told(attribute(each, "ref"), author, "", text.removeprefix(f"{author}:").strip())

    def _threads(self, part: str) -> Iterator[tuple[str, str]]:
        """Cells with what is said of them."""
        for name in self._package.related(part, "threadedComment"):
            root = self._package.part(name)
            for each in list(named(root, "threadedComment"))[:_MAX_COMMENTS] if root is not None else ():
                text, author = first(each, "text"), self._people.get(attribute(each, "personId"), "")
                words = " ".join((text.text or "").split()) if text is not None else ""
                yield attribute(each, "ref"), _told(attribute(each, "ref"), author, attribute(each, "dT"), words)

    def _persons(self, main: str) -> Iterator[tuple[str, str]]:
        for name in self._package.related(main, "person"):
            root = self._package.part(name)
            for each in named(root, "person") if root is not None else ():
                yield attribute(each, "id"), attribute(each, "displayName")

    def _charts(self, part: str) -> Iterator[str]:
        for drawing in self._package.related(part, "drawing"):
            for name in self._package.related(drawing, "chart"):
                root: Element | None = self._package.part(name)
                if root is not None:
                    chart = read_chart(root)
                    yield from (chart.title, *chart.lines)


def _told(cell: str, author: str, day: str, text: str) -> str:
    return told_comment(f"Comment on {cell}", author, day, text)


def _column(letters: bytes) -> int:
    """ "A" is 1, "XFD" is 16,384."""
    found = 0
    for letter in letters:
        found = found * 26 + letter - 64
    return found

"""An ODT's or ODP's words in their order: headings, lists, tables, text boxes, notes and comments; a slide is a page.

Promises: words stand as they are written, however their parts are dressed; what was deleted under tracked changes is
left out; the document is read part by part, never held whole.

Source: OpenDocument 1.3, part 3 (OASIS).

Held by tests/unit/actors/ingest/test_parse_odf.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from actors.ingest.ooxml import Package, attribute, first, local, named, number
from actors.ingest.parse_table import MAX_COLUMNS
from actors.ingest.parsed import Parsed
from actors.ingest.text import declared_title
from actors.ingest.written import PAGE_BREAK, Cell, Written
from runtime.errors import Terminal

_CONTENT, _META = "content.xml", "meta.xml"
_MAX_DEPTH = 20
_MAX_REPEATED_ROWS = 100
_SKIPPED = frozenset({"tracked-changes", "forms", "sequence-decls", "variable-decls", "settings", "scripts"})
_ASIDE = frozenset({"text-box", "note", "annotation", "table"})
_FURNITURE = frozenset({"page-number", "date-time", "footer", "header"})


def parse_odf(data: bytes, media_type: str) -> Parsed:
    """Raises Terminal where the file is broken."""
    package = Package(data)
    if not package.has(_CONTENT):
        raise Terminal("The file is damaged: it has no text in it.", do="Open and save it again, then upload it.")
    reader = _Reader(Written(), _numbered(package))
    slides = 0
    for kind in ("text", "presentation"):
        for block in package.children(_CONTENT, kind):
            if local(block.tag) == "page":
                slides += 1
                if slides > 1:
                    reader.written.page()
            reader.block(block, 0)
    return reader.written.parsed(media_type, title=_title(package))


class _Reader:
    """``numbered`` has the list styles and levels whose items are numbered."""

    def __init__(self, written: Written, numbered: frozenset[tuple[str, int]]) -> None:
        self.written = written
        self._numbered = numbered

    def block(self, block: Element, depth: int) -> None:
        kind = local(block.tag)
        if kind in _SKIPPED or depth > _MAX_DEPTH:
            return
        if kind in ("h", "p"):
            self._paragraph(block, kind == "h", depth)
        elif kind == "list":
            self._list(block, attribute(block, "style-name"), 0)
        elif kind == "table":
            self._table(block, depth)
        elif kind == "frame" and attribute(block, "class") == "title":
            self.written.heading(" ".join(self._text(each, []) for each in named(block, "p", "h")), 2)
        elif kind == "notes":
            self._speaker_notes(block)
        elif not (kind == "frame" and attribute(block, "class") in _FURNITURE):
            for each in block:
                self.block(each, depth + 1)

    def _paragraph(self, paragraph: Element, heading: bool, depth: int) -> None:
        aside: list[Element] = []
        text = self._text(paragraph, aside)
        if heading or attribute(paragraph, "style-name") == "Title":
            self.written.heading(text, number(attribute(paragraph, "outline-level"), 1))
        elif text.replace(PAGE_BREAK, "").strip():
            self.written.paragraph(text)
        elif PAGE_BREAK in text:
            self.written.page()
        self._asides(aside, depth)

    def _list(self, element: Element, style: str, depth: int) -> None:
        count = 0
        for item in element:
            head = True
            count += local(item.tag) == "list-item"
            for each in item if depth < _MAX_DEPTH else ():
                if local(each.tag) == "list":
                    self._list(each, attribute(each, "style-name") or style, depth + 1)
                    continue
                aside: list[Element] = []
                text = self._text(each, aside)
                if text.strip():
                    own = head and local(item.tag) == "list-item"
                    mark = f"{count}." if (style, depth + 1) in self._numbered else "-"
                    self.written.item(text, mark=mark if own else "", depth=depth)
                    head = False
                self._asides(aside, depth + 1)

    def _asides(self, aside: list[Element], depth: int) -> None:
        for each in aside:
            kind = local(each.tag)
            if kind == "table":
                self._table(each, depth)
            elif kind == "text-box":
                for block in each:
                    self.block(block, depth + 1)
            else:
                self._note(each, kind)

    def _note(self, note: Element, kind: str) -> None:
        body = first(note, "note-body")
        text = " ".join(self._text(each, []) for each in named(note if body is None else body, "p"))
        if kind == "annotation":
            author, day = (
                (found.text or "") if (found := first(note, name)) is not None else "" for name in ("creator", "date")
            )
            self.written.comment(author, day, text)
        else:
            self.written.paragraph(text)

    def _speaker_notes(self, notes: Element) -> None:
        boxes = (frame for frame in named(notes, "frame") if attribute(frame, "class") == "notes")
        self.written.notes(self._text(each, []) for box in boxes for each in named(box, "p"))

    def _table(self, table: Element, depth: int) -> None:
        aside: list[Element] = []
        self.written.table(list(self._rows(table, aside, depth)))
        self._asides(aside, depth + 1)

    def _rows(self, table: Element, aside: list[Element], depth: int) -> Iterator[list[Cell]]:
        for row in _table_rows(table):
            cells: list[Cell] = []
            for cell in row:
                if local(cell.tag) != "table-cell" or len(cells) >= MAX_COLUMNS:
                    continue  # what another cell covers
                text = self._cell(cell, aside, depth)
                made = Cell(
                    text=text,
                    columns=number(attribute(cell, "number-columns-spanned"), 1),
                    rows=number(attribute(cell, "number-rows-spanned"), 1),
                )
                repeated = number(attribute(cell, "number-columns-repeated"), 1)
                cells.extend([made] * min(repeated, MAX_COLUMNS if text else 50))
            repeated = number(attribute(row, "number-rows-repeated"), 1)
            for _ in range(min(repeated, _MAX_REPEATED_ROWS) if any(cell.text for cell in cells) else 1):
                yield cells

    def _cell(self, cell: Element, aside: list[Element], depth: int) -> str:
        if depth > _MAX_DEPTH:
            return ""
        told = []
        for block in cell:
            if local(block.tag) == "table":
                inner = (c.text for row in self._rows(block, aside, depth + 1) for c in row)
                told.append("; ".join(text for each in inner if (text := " ".join(each.split()))))
            elif local(block.tag) == "list":
                told.extend(self._text(each, aside) for each in named(block, "p", "h"))
            elif local(block.tag) in ("p", "h"):
                told.append(self._text(block, aside))
            elif local(block.tag) in _ASIDE:
                aside.append(block)
        return "\n".join(told)

    def _text(self, element: Element, aside: list[Element]) -> str:
        """The words of a paragraph. What stands beside its line is put to ``aside``."""
        words = [element.text or ""]
        for each in element:
            kind = local(each.tag)
            if kind in _ASIDE:
                aside.append(each)
            elif kind == "s":
                words.append(" ")
            elif kind == "tab":
                words.append("\t")
            elif kind == "line-break":
                words.append("\n")
            elif kind == "soft-page-break":
                words.append(PAGE_BREAK)
            elif kind not in _SKIPPED:
                words.append(self._text(each, aside) if kind not in ("desc", "title") else "")
            words.append(each.tail or "")
        return "".join(words)


def _table_rows(table: Element) -> Iterator[Element]:
    for each in table:
        kind = local(each.tag)
        if kind == "table-row":
            yield each
        elif kind in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _table_rows(each)


def _numbered(package: Package) -> frozenset[tuple[str, int]]:
    """List styles, each with the levels that are numbered: the document's own and those of its templates."""
    found = set()
    for name, parent in ((_CONTENT, "automatic-styles"), ("styles.xml", "styles"), ("styles.xml", "automatic-styles")):
        for style in package.children(name, parent) if package.has(name) else ():
            for level in style if local(style.tag) == "list-style" else ():
                if local(level.tag) == "list-level-style-number" and attribute(level, "num-format"):
                    found.add((attribute(style, "name"), number(attribute(level, "level"), 1)))
    return frozenset(found)


def _title(package: Package) -> str:
    root = package.part(_META) if package.has(_META) else None
    found = next(named(root, "title"), None) if root is not None else None
    return declared_title(found.text or "") if found is not None else ""

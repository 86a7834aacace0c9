"""A DOCX's words in their order: headings and lists with their numbers, tables, text boxes, charts, formulas,
footnotes, comments, headers and footers.

Promises: words stand as they are written, however their parts are dressed; what was deleted under tracked changes or is
hidden is left out, what was inserted is read; a page begins where the program that wrote the file last broke it. The
document is read part by part, never held whole.

Source: WordprocessingML, ISO/IEC 29500-1, 17; Office Math, 22.1.

Held by tests/unit/actors/ingest/test_parse_docx.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from actors.ingest.charts import read_chart
from actors.ingest.detect import DOCX
from actors.ingest.docx_styles import Styles
from actors.ingest.ooxml import Package, attribute, first, local, named, number
from actors.ingest.parsed import Parsed
from actors.ingest.text import declared_title
from actors.ingest.written import PAGE_BREAK, Cell, Written
from runtime.errors import Terminal

_MAX_DEPTH = 20  # tables and text boxes within one another
_BLOCKS = frozenset({"p", "tbl", "sdt", "customXml", "smartTag", "ins", "moveTo"})
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sdtPr", "Fallback", "tblPr", "trPr"})
_ASIDE = frozenset({"txbxContent", "chart", "footnoteReference", "endnoteReference", "commentReference"})
_SIGNS = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_NUMBER_OF_PAGE = re.compile(r"(?:page|seite|página|pagina|p\.)?\s*\d*\s*(?:/|of|von|de|di)?\s*\d*", re.IGNORECASE)


def parse_docx(data: bytes) -> Parsed:
    """Raises Terminal where the file is broken."""
    package = Package(data)
    main = package.main("word/document.xml")
    if not package.has(main):
        raise Terminal("The file is damaged: it has no text in it.", do="Open and save it again, then upload it.")
    document = _Document(package, main)
    return document.read().parsed(DOCX, title=_title(package))


class _Document:
    """Reads the main part; what it refers to stands right after the paragraph that refers to it."""

    def __init__(self, package: Package, main: str) -> None:
        self._package, self._main = package, main
        self._relations = package.relations(main)
        self._styles = Styles(self._related("styles"), self._related("numbering"))
        self._notes = {
            kind: {attribute(each, "id"): each for each in root if attribute(each, "type") in ("", "normal")}
            for kind in ("footnotes", "endnotes", "comments")
            if (root := self._related(kind)) is not None
        }
        self._breaks = b"lastRenderedPageBreak" in (package.read(main) or b"")
        self._written = Written()

    def read(self) -> Written:
        self._around("header")
        for block in self._package.children(self._main, "body"):
            self._block(block, 0)
        self._around("footer")
        return self._written

    def _related(self, kind: str) -> Element | None:
        found = self._package.related(self._main, kind)
        return self._package.part(found[0]) if found else None

    def _around(self, kind: str) -> None:
        """Headers or footers, each text once, without what only counts pages."""
        told = set()
        for name in self._package.related(self._main, kind):
            root = self._package.part(name)
            for paragraph in named(root, "p") if root is not None else ():
                text = " ".join(self._text(paragraph, []).replace(PAGE_BREAK, " ").split())
                if text and text not in told and not _NUMBER_OF_PAGE.fullmatch(text):
                    told.add(text)
                    self._written.paragraph(text)

    def _block(self, block: Element, depth: int) -> None:
        kind = local(block.tag)
        if depth > _MAX_DEPTH:
            return
        if kind == "p":
            self._paragraph(block, depth)
        elif kind == "tbl":
            aside: list[Element] = []
            self._written.table(list(self._rows(block, aside, depth)))
            self._asides(aside, depth)
        elif kind in _BLOCKS:
            content = first(block, "sdtContent")
            for each in content if content is not None else block:
                self._block(each, depth + 1)

    def _paragraph(self, paragraph: Element, depth: int) -> None:
        aside: list[Element] = []
        text = self._text(paragraph, aside)
        if text.replace(PAGE_BREAK, "").strip():
            role = self._styles.role(first(paragraph, "pPr"))
            if role.heading:
                self._written.heading(f"{role.mark} {text}" if role.mark else text, role.heading)
            elif role.mark:
                self._written.item(text, mark=role.mark, depth=role.depth)
            else:
                self._written.paragraph(text)
        elif PAGE_BREAK in text:
            self._written.page()
        self._asides(aside, depth)

    def _asides(self, aside: list[Element], depth: int) -> None:
        for each in aside:
            kind = local(each.tag)
            if kind == "txbxContent":
                for block in each:
                    self._block(block, depth + 1)
            elif kind == "chart":
                self._chart(attribute(each, "id"))
            else:
                self._note(kind.removesuffix("Reference") + "s", attribute(each, "id"))

    def _note(self, kind: str, note_id: str) -> None:
        note = self._notes.get(kind, {}).pop(note_id, None)  # told once
        if note is None:
            return
        text = " ".join(self._text(each, []) for each in named(note, "p"))
        if kind == "comments":
            self._written.comment(attribute(note, "author"), attribute(note, "date"), text)
        else:
            self._written.paragraph(text)

    def _chart(self, relation: str) -> None:
        found = self._relations.get(relation)
        root = self._package.part(found.part) if found is not None else None
        if root is not None:
            chart = read_chart(root)
            self._written.paragraph(chart.title)
            for line in chart.lines:
                self._written.item(line)

    def _rows(self, table: Element, aside: list[Element], depth: int) -> Iterator[list[Cell]]:
        """Cells where they begin: one that goes on from above (``vMerge``) is counted into that one."""
        rows = [_cells(row) for row in _own(table, "tr")]
        going = _going_down(rows)
        for number_of_row, row in enumerate(rows):
            cells, at = [], 0
            for cell in row:
                columns = _columns(cell)
                if not _goes_on(cell):
                    text = self._cell(cell, aside, depth)
                    cells.append(Cell(text=text, columns=columns, rows=going.get((number_of_row, at), 1)))
                at += columns
            yield cells

    def _cell(self, cell: Element, aside: list[Element], depth: int) -> str:
        if depth > _MAX_DEPTH:
            return ""
        told = []
        for block in _blocks(cell):
            if local(block.tag) == "tbl":
                inner = (c.text for row in self._rows(block, aside, depth + 1) for c in row)
                told.append("; ".join(text for each in inner if (text := " ".join(each.split()))))
                continue
            mark = self._styles.role(first(block, "pPr")).mark
            text = self._text(block, aside)
            told.append(f"{mark} {text}" if mark not in ("", "-") and text.strip() else text)
        return "\n".join(told)

    def _text(self, element: Element, aside: list[Element]) -> str:
        """The words of a paragraph. What stands beside its line is put to ``aside``."""
        words: list[str] = []
        self._collect(element, words, aside, 0)
        return "".join(words)

    def _collect(self, element: Element, words: list[str], aside: list[Element], depth: int) -> None:
        for each in element:
            kind = local(each.tag)
            if kind == "t":
                words.append(each.text or "")
            elif kind in _ASIDE:
                aside.append(each)
            elif kind in _SKIPPED or depth > 50 or (kind == "r" and _hidden(each)):
                continue
            elif kind in _SIGNS:
                words.append(_SIGNS[kind])
            elif kind == "br":
                page = attribute(each, "type") == "page"
                words.append("\n" if not page else "" if self._breaks else PAGE_BREAK)
            elif kind == "lastRenderedPageBreak":
                words.append(PAGE_BREAK)
            elif kind == "oMath":
                words.append(f" {formula(each)} ")
            else:
                self._collect(each, words, aside, depth + 1)


def formula(element: Element) -> str:
    """A formula on one line: "(a+b)/c", "x^2", "√(n)"."""
    kind = local(element.tag)
    if kind == "t":
        return element.text or ""
    parts: Mapping[str, str] = {}
    if kind in ("f", "sSup", "sSub", "sSubSup", "rad"):
        parts = {local(each.tag): "".join(formula(part) for part in each) for each in element}
    if kind == "f":
        return f"{_grouped(parts.get('num', ''))}/{_grouped(parts.get('den', ''))}"
    if kind in ("sSup", "sSub", "sSubSup"):
        low = f"_{_grouped(parts['sub'])}" if "sub" in parts else ""
        high = f"^{_grouped(parts['sup'])}" if "sup" in parts else ""
        return f"{parts.get('e', '')}{low}{high}"
    if kind == "rad":
        return f"√({parts.get('e', '')})"
    if kind == "d":
        return f"({', '.join(formula(each) for each in element if local(each.tag) == 'e')})"
    if kind == "nary":
        sign = next((attribute(each, "val") for each in named(element, "chr")), "∫")
        return f"{sign} " + " ".join(formula(each) for each in element if local(each.tag) != "naryPr")
    return "".join(formula(each) for each in element)


def _grouped(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def _hidden(run: Element) -> bool:
    found = first(run, "rPr", "vanish")
    return found is not None and attribute(found, "val") not in ("0", "false", "off")


def _own(element: Element, name: str) -> Iterator[Element]:
    """Children of one name, also those in content controls and tracked insertions."""
    for each in element:
        kind = local(each.tag)
        if kind == name:
            yield each
        elif kind in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _own(each, name)


def _cells(row: Element) -> list[Element]:
    return list(_own(row, "tc"))


def _blocks(cell: Element) -> Iterator[Element]:
    for each in cell:
        kind = local(each.tag)
        if kind in ("p", "tbl"):
            yield each
        elif kind in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _blocks(each)


def _columns(cell: Element) -> int:
    found = first(cell, "tcPr", "gridSpan")
    return max(1, number(attribute(found, "val"), 1)) if found is not None else 1


def _goes_on(cell: Element) -> bool:
    found = first(cell, "tcPr", "vMerge")
    return found is not None and attribute(found, "val") in ("", "continue")


def _going_down(rows: list[list[Element]]) -> dict[tuple[int, int], int]:
    """How many rows a cell covers, by its row and column, for those that cover several."""
    found: dict[tuple[int, int], int] = {}
    begun: dict[int, tuple[int, int]] = {}
    for number_of_row, row in enumerate(rows):
        at = 0
        for cell in row:
            if _goes_on(cell) and at in begun:
                found[begun[at]] = number_of_row - begun[at][0] + 1
            else:
                begun[at] = (number_of_row, at)
            at += _columns(cell)
    return found


def _title(package: Package) -> str:
    for name in package.related("", "core-properties"):
        root = package.part(name)
        found = next(named(root, "title"), None) if root is not None else None
        if found is not None and found.text:
            return declared_title(found.text)
    return ""

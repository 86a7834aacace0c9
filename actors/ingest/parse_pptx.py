"""A PPTX's slides: titles, text, lists, tables, groups, charts, SmartArt, with speaker's notes and comments.

Promises: a slide is a page; words stand as they are written, however their parts are dressed; hidden slides are left
out; a slide that cannot be read is left out and the others are read.

Source: PresentationML and DrawingML, ISO/IEC 29500-1; threaded comments, [MS-PPTX] 2.6.

Held by tests/unit/actors/ingest/test_parse_pptx.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from actors.ingest.charts import read_chart
from actors.ingest.detect import PPTX
from actors.ingest.ooxml import Package, Relation, attribute, first, local, named, number
from actors.ingest.parsed import Parsed
from actors.ingest.written import Cell, Written
from runtime.errors import Terminal

_MAX_SLIDES = 2_000
_MAX_DEPTH = 20  # groups within groups
_TITLES = frozenset({"title", "ctrTitle"})
_FURNITURE = frozenset({"dt", "ftr", "sldNum", "hdr"})  # of every slide: date, footer, number


def parse_pptx(data: bytes) -> Parsed:
    """Raises Terminal where no slide has any text."""
    package = Package(data)
    main = package.main("ppt/presentation.xml")
    written = Written()
    authors = _authors(package, main)
    for count, slide in enumerate(_slides(package, main)):
        if count:
            written.page()
        root = package.part(slide)
        if root is not None and attribute(root, "show") != "0":
            _Slide(package, slide, written).write(root)
            _notes(package, slide, written)
            _comments(package, slide, authors, written)
    if written.empty:
        raise Terminal("The slides hold no text.", do="Upload a file with text in it.")
    return written.parsed(PPTX)


def _slides(package: Package, main: str) -> list[str]:
    """The slides' parts in their order; those that are in the file, where it does not tell."""
    root, relations = package.part(main), package.relations(main)
    listed = [relations.get(_relation(each)) for each in named(root, "sldId")] if root is not None else []
    told = [each.part for each in listed if each is not None and package.has(each.part)]
    found = told or [name for name in package.names("ppt/slides/slide") if name.endswith(".xml")]
    return (found if told else sorted(found, key=lambda name: (len(name), name)))[:_MAX_SLIDES]


class _Slide:
    """Writes the shapes of one slide."""

    def __init__(self, package: Package, name: str, written: Written) -> None:
        self._package = package
        self._name = name
        self._written = written
        self._relations: Mapping[str, Relation] = package.relations(name)

    def write(self, root: Element) -> None:
        tree = first(root, "cSld", "spTree")
        shapes = list(_shapes(tree)) if tree is not None else []
        for shape in sorted(shapes, key=lambda each: _placeholder(each) not in _TITLES):  # stable: titles first
            self._shape(shape)

    def _shape(self, shape: Element) -> None:
        kind = local(shape.tag)
        if kind == "graphicFrame":
            self._graphic(shape)
            return
        body, role = first(shape, "txBody"), _placeholder(shape)
        if body is None or role in _FURNITURE:
            return
        if role in _TITLES:
            self._written.heading(" ".join(_text(each) for each in body if local(each.tag) == "p"), 2)
        else:
            write_body(body, self._written)

    def _graphic(self, frame: Element) -> None:
        for table in named(frame, "tbl"):
            self._written.table(list(_rows(table)))
        for chart in named(frame, "chart"):
            self._chart(attribute(chart, "id"))
        for drawn in named(frame, "relIds"):
            self._smart_art(attribute(drawn, "dm"))

    def _chart(self, relation: str) -> None:
        root = self._related(relation)
        if root is not None:
            chart = read_chart(root)
            self._written.paragraph(chart.title)
            for line in chart.lines:
                self._written.item(line)

    def _smart_art(self, relation: str) -> None:
        root = self._related(relation)
        for point in named(root, "pt") if root is not None else ():
            for paragraph in named(point, "p"):
                self._written.item(_text(paragraph))

    def _related(self, relation: str) -> Element | None:
        found = self._relations.get(relation)
        return self._package.part(found.part) if found is not None else None


def write_body(body: Element, written: Written) -> None:
    """The paragraphs of a shape: list items where they are marked or indented, else paragraphs."""
    counts: dict[int, int] = {}
    for paragraph in (each for each in body if local(each.tag) == "p"):
        text, dress = _text(paragraph), first(paragraph, "pPr")
        depth = number(attribute(dress, "lvl")) if dress is not None else 0
        counts = {level: count for level, count in counts.items() if level <= depth}
        if dress is not None and first(dress, "buAutoNum") is not None and text.strip():
            start = number(attribute(first(dress, "buAutoNum") or dress, "startAt"), 1)
            counts[depth] = counts.get(depth, start - 1) + 1
            written.item(text, mark=f"{counts[depth]}.", depth=depth)
            continue
        counts.pop(depth, None)
        if depth or (dress is not None and first(dress, "buChar") is not None):
            written.item(text, depth=depth)
        else:
            written.paragraph(text)


def _shapes(tree: Element, depth: int = 0) -> Iterator[Element]:
    for each in tree:
        kind = local(each.tag)
        if kind in ("sp", "graphicFrame", "cxnSp"):
            yield each
        elif kind == "grpSp" and depth < _MAX_DEPTH:
            yield from _shapes(each, depth + 1)
        elif kind == "AlternateContent" and depth < _MAX_DEPTH:
            choice = first(each, "Choice")
            yield from _shapes(choice if choice is not None else each, depth + 1)


def _rows(table: Element) -> Iterator[list[Cell]]:
    """Cells where they begin. What they cover stands in the file as cells marked ``hMerge`` or ``vMerge``."""
    for row in (each for each in table if local(each.tag) == "tr"):
        cells = []
        for cell in (each for each in row if local(each.tag) == "tc"):
            if attribute(cell, "hMerge") in ("1", "true") or attribute(cell, "vMerge") in ("1", "true"):
                continue
            text = "\n".join(_text(paragraph) for paragraph in named(cell, "p"))
            columns, rows = number(attribute(cell, "gridSpan"), 1), number(attribute(cell, "rowSpan"), 1)
            cells.append(Cell(text=text, columns=columns, rows=rows))
        yield cells


def _text(paragraph: Element) -> str:
    words = []
    for each in paragraph.iter():
        kind = local(each.tag)
        if kind == "t":
            words.append(each.text or "")
        elif kind == "br":
            words.append("\n")
    return "".join(words)


def _placeholder(shape: Element) -> str:
    found = next(named(shape, "ph"), None) if local(shape.tag) == "sp" else None
    return attribute(found, "type") if found is not None else ""


def _relation(element: Element) -> str:
    """``r:id`` of an element that has an ``id`` of its own as well."""
    return next((value for key, value in element.items() if key.endswith("}id")), "")


def _notes(package: Package, slide: str, written: Written) -> None:
    for name in package.related(slide, "notesSlide"):
        root = package.part(name)
        for shape in _shapes(tree) if root is not None and (tree := first(root, "cSld", "spTree")) is not None else ():
            body = first(shape, "txBody")
            if body is not None and _placeholder(shape) not in (*_FURNITURE, "sldImg"):
                written.notes(_text(each) for each in named(body, "p"))


def _authors(package: Package, main: str) -> dict[str, str]:
    """Names by the ids that comments give their authors, in both kinds of comments."""
    found = {}
    for kind in ("commentAuthors", "authors"):
        for name in package.related(main, kind):
            root = package.part(name)
            for each in root if root is not None else ():
                found[attribute(each, "id")] = attribute(each, "name")
    return found


def _comments(package: Package, slide: str, authors: Mapping[str, str], written: Written) -> None:
    for name in package.related(slide, "comments"):
        root = package.part(name)
        for each in named(root, "cm", "reply") if root is not None else ():
            told, body = first(each, "text"), first(each, "txBody")
            text = (told.text or "") if told is not None else ""
            if body is not None:
                text = " ".join(_text(paragraph) for paragraph in named(body, "p"))
            day = attribute(each, "dt") or attribute(each, "created")
            written.comment(authors.get(attribute(each, "authorId"), ""), day, text)

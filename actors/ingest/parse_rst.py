"""reStructuredText through docutils: headings, paragraphs, lists, tables of every kind, notes, code.

Promises: nothing that a text names is opened (includes, raw parts); what docutils does not know (Sphinx's directives
and roles) stays as it is written.

Held by tests/unit/actors/ingest/test_parse_rst.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from docutils.core import publish_doctree

from actors.ingest.detect import RST
from actors.ingest.parsed import Parsed
from actors.ingest.written import Cell, Written

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 6,
    "line_length_limit": 1_000_000,
    "doctitle_xform": False,
}
_SILENT = (nodes.comment, nodes.target, nodes.substitution_definition, nodes.image, nodes.raw, nodes.problematic)
_MAX_DEPTH = 50


def parse_rst(text: str) -> Parsed:
    """A text without any mark is its paragraphs."""
    written = Written()
    for each in publish_doctree(text, settings_overrides=_SETTINGS).children:
        _write(each, written, level=1, depth=0)
    return written.parsed(RST)


def _write(node: nodes.Node, written: Written, *, level: int, depth: int) -> None:
    if isinstance(node, _SILENT) or depth > _MAX_DEPTH:
        return
    if isinstance(node, nodes.section):
        for each in node.children:
            _write(each, written, level=level + (not isinstance(each, nodes.title)), depth=depth + 1)
    elif isinstance(node, nodes.title):
        written.heading(node.astext(), level)
    elif isinstance(node, nodes.bullet_list | nodes.enumerated_list):
        _write_list(node, written, level=level, depth=depth, inner=0)
    elif isinstance(node, nodes.table):
        _write_table(node, written)
    elif isinstance(node, nodes.system_message):
        for literal in node.findall(nodes.literal_block):  # a directive that docutils does not know
            written.paragraph(literal.astext())
    elif isinstance(node, nodes.definition_list_item | nodes.field | nodes.option_list_item):
        told = [text for each in node.children if (text := " ".join(each.astext().split()))]
        written.item(": ".join(told))
    elif isinstance(node, nodes.footnote | nodes.citation):
        written.paragraph(" ".join(each.astext() for each in node.children))
    elif isinstance(node, nodes.TextElement):
        written.paragraph(node.astext())
    else:
        for each in node.children:
            _write(each, written, level=level, depth=depth + 1)


def _write_list(node: nodes.Element, written: Written, *, level: int, depth: int, inner: int) -> None:
    start = node.get("start", 1)
    for number, item in enumerate(node.children, start=start):
        mark = f"{number}." if isinstance(node, nodes.enumerated_list) else "-"
        for each in item.children:
            if isinstance(each, nodes.bullet_list | nodes.enumerated_list):
                if depth <= _MAX_DEPTH:
                    _write_list(each, written, level=level, depth=depth + 1, inner=inner + 1)
            elif isinstance(each, nodes.paragraph) and mark:
                written.item(each.astext(), mark=mark, depth=inner)
                mark = ""
            else:
                _write(each, written, level=level, depth=depth + 1)


def _write_table(table: nodes.table, written: Written) -> None:
    for title in table.findall(nodes.title):
        written.paragraph(title.astext())
    written.table([list(_cells(row)) for row in table.findall(nodes.row)])


def _cells(row: nodes.row) -> Iterator[Cell]:
    for entry in row.children:
        if isinstance(entry, nodes.entry):
            yield Cell(text=entry.astext(), columns=entry.get("morecols", 0) + 1, rows=entry.get("morerows", 0) + 1)

"""What a DOCX's paragraphs are by its styles and numbering: a heading of some level, an item with its number, or text.

Promises: numbers are counted as the document's numbering tells ("2.1", "b)"), so that a section is found by the number
that its readers see; a style that is based on itself ends. Pure.

Source: WordprocessingML, ISO/IEC 29500-1, 17.7 (styles) and 17.9 (numbering).

Held by tests/unit/actors/ingest/test_parse_docx.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from actors.ingest.ooxml import attribute, first, local, named, number

_HEADING = re.compile(r"heading (\d)")
_PLACE = re.compile(r"%(\d)")
_MAX_BASES = 20
_HUNDREDS = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN = (*_HUNDREDS, (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of a list: how its number looks ("%1.%2."), in which digits, and where it starts."""

    form: str
    digits: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a paragraph is. ``heading`` is its level, 0 for none; ``mark`` its number or bullet, "" for no item."""

    heading: int = 0
    mark: str = ""
    depth: int = 0


class Styles:
    """``role`` is to be asked for each paragraph once, in order: it counts."""

    def __init__(self, styles: Element | None, numbering: Element | None) -> None:
        self._styles = {attribute(each, "styleId"): each for each in _named(styles, "style")}
        self._lists = _lists(numbering)
        self._counts: dict[str, dict[int, int]] = {}

    def role(self, dress: Element | None) -> Role:
        """The role of a paragraph with these properties (``w:pPr``)."""
        style = attribute(found, "val") if (found := first(dress, "pStyle")) is not None else ""
        heading = self._heading(dress, style)
        list_id, depth = self._list(dress, style)
        mark = self._mark(list_id, depth)
        if heading and not re.search(r"\w", mark):
            mark = ""
        return Role(heading=heading, mark=mark, depth=depth)

    def _heading(self, dress: Element | None, style: str) -> int:
        for properties, name in ((dress, ""), *self._bases(style)):
            if name == "title":
                return 1
            told = _HEADING.fullmatch(name)
            if told:
                return int(told[1])
            outline = first(properties, "outlineLvl")
            if outline is not None:
                level = number(attribute(outline, "val"), 9)
                return level + 1 if level < 9 else 0
        return 0

    def _list(self, dress: Element | None, style: str) -> tuple[str, int]:
        """The list that a paragraph is in and its depth; the paragraph's own properties before its style's."""
        list_id, depth = "", -1
        for properties, _ in ((dress, ""), *self._bases(style)):
            found = first(properties, "numPr")
            if found is None:
                continue
            own, level = first(found, "numId"), first(found, "ilvl")
            list_id = list_id or (attribute(own, "val") if own is not None else "")
            depth = number(attribute(level, "val")) if depth < 0 and level is not None else depth
            if list_id:
                break
        return list_id, max(0, min(depth, 8))

    def _mark(self, list_id: str, depth: int) -> str:
        levels, kept = self._lists.get(list_id, ({}, list_id))
        level = levels.get(depth)
        if level is None:
            return "-" if list_id not in ("", "0") else ""
        counts = self._counts.setdefault(kept, {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        if level.digits in ("bullet", "none"):
            return "-" if level.digits == "bullet" else ""

        def told(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            of = levels.get(at, level)
            return _digits(counts.get(at, of.start), of.digits)

        return " ".join(_PLACE.sub(told, level.form).split())

    def _bases(self, style: str) -> Iterator[tuple[Element | None, str]]:
        """The paragraph properties and lower-case names of a style and of what it is based on."""
        for _ in range(_MAX_BASES):
            found = self._styles.get(style)
            if found is None:
                return
            name, base = first(found, "name"), first(found, "basedOn")
            yield first(found, "pPr"), attribute(name, "val").casefold() if name is not None else ""
            style = attribute(base, "val") if base is not None else ""


def _lists(numbering: Element | None) -> dict[str, tuple[dict[int, Level], str]]:
    """By list id: its levels, and under which name it counts: lists of one definition count on, unless they restart."""
    made = {attribute(each, "abstractNumId"): _levels(each) for each in _named(numbering, "abstractNum")}
    found = {}
    for each in _named(numbering, "num"):
        of, list_id = first(each, "abstractNumId"), attribute(each, "numId")
        key = attribute(of, "val") if of is not None else ""
        levels, restarts = dict(made.get(key, {})), False
        for change in (part for part in each if local(part.tag) == "lvlOverride"):
            depth, start = number(attribute(change, "ilvl")), first(change, "startOverride")
            levels.update(_levels(change))
            if start is not None and depth in levels:
                old, restarts = levels[depth], True
                levels[depth] = Level(form=old.form, digits=old.digits, start=number(attribute(start, "val"), 1))
        found[list_id] = (levels, f"list {list_id}" if restarts else key)
    return found


def _levels(holder: Element) -> dict[int, Level]:
    found = {}
    for each in named(holder, "lvl"):
        form, digits, start = first(each, "lvlText"), first(each, "numFmt"), first(each, "start")
        found[number(attribute(each, "ilvl"))] = Level(
            form=attribute(form, "val") if form is not None else "",
            digits=attribute(digits, "val") if digits is not None else "decimal",
            start=number(attribute(start, "val"), 1) if start is not None else 1,
        )
    return found


def _named(root: Element | None, name: str) -> Iterator[Element]:
    return (each for each in root if local(each.tag) == name) if root is not None else iter(())


def _digits(count: int, digits: str) -> str:
    if digits in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 10) if count > 0 else ""
        return letter.upper() if digits == "upperLetter" else letter
    if digits in ("lowerRoman", "upperRoman") and 0 < count < 4000:
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (count // value)
            count %= value
        return roman.upper() if digits == "upperRoman" else roman
    return f"{count:02d}" if digits == "decimalZero" else str(count)

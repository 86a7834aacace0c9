"""An Office Open XML file (DOCX, PPTX, XLSX) as its parts and the relations between them.

Promises: a part is parsed without any entity of its own (declarations are refused), whatever its name; a missing or
broken part is None or Terminal, never another exception; elements are known by their local names, since the same file
may be in the transitional or the strict namespaces (ISO/IEC 29500).

Held by tests/unit/actors/ingest/test_parse_docx.py and tests/unit/actors/ingest/test_hostile_files.py.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import IO
from xml.etree.ElementTree import Element, ParseError, fromstring, iterparse

from actors.ingest.archive import BROKEN, check_prolog, damaged

UNREADABLE = (*BROKEN, ParseError)
_BEGINNING = 1 << 16  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """``kind`` is the last word of its type ("chart", "comments"); ``part`` the name of the part it leads to."""

    kind: str
    part: str


class Package:
    """The parts of a file that ``archive.inspect_archive`` has passed. Raises Terminal where it cannot be opened."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except UNREADABLE as error:
            raise damaged() from error
        self._names = {name.casefold(): name for name in self._archive.namelist()}

    def main(self, otherwise: str) -> str:
        """The name of the document's own part."""
        found = [each.part for each in self.relations("").values() if each.kind == "officeDocument"]
        return next((name for name in found if self.has(name)), otherwise)

    def has(self, name: str) -> bool:
        return name.casefold() in self._names

    def names(self, start: str) -> list[str]:
        return sorted(name for key, name in self._names.items() if key.startswith(start))

    def part(self, name: str) -> Element | None:
        """A part's root; None where there is none or it is broken: what hangs on it is left out."""
        data = self.read(name)
        if data is None:
            return None
        check_prolog(name, data)
        try:
            return fromstring(data)  # noqa: S314 (declarations have been refused)
        except ParseError:
            return None

    def read(self, name: str) -> bytes | None:
        try:
            return self._archive.read(self._names[name.casefold()])
        except BROKEN:
            return None

    def beginning(self, name: str) -> bytes:
        """The first bytes of a part; none where there is none."""
        try:
            with self._archive.open(self._names[name.casefold()]) as stream:
                return stream.read(_BEGINNING)
        except BROKEN:
            return b""

    def children(self, name: str, parent: str) -> Iterator[Element]:
        """The elements right below ``parent``, one by one, each forgotten before the next. Raises Terminal."""
        check_prolog(name, self.beginning(name))
        try:
            with self._archive.open(self._names[name.casefold()]) as stream:
                yield from _below(stream, parent)
        except UNREADABLE as error:
            raise damaged() from error

    def relations(self, name: str) -> Mapping[str, Relation]:
        """Relations of a part by their ids; of the whole file for the empty name. Those that lead out are left out."""
        folder, file = posixpath.split(name)
        root = self.part(posixpath.join(folder, "_rels", f"{file}.rels"))
        found = {}
        for each in root if root is not None else ():
            target, kind = each.get("Target", ""), each.get("Type", "")
            if each.get("TargetMode") != "External" and target:
                part = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[each.get("Id", "")] = Relation(kind=kind.rsplit("/", 1)[-1], part=part)
        return found

    def related(self, name: str, kind: str) -> list[str]:
        """The parts that a part leads to by relations of one kind."""
        return [each.part for each in self.relations(name).values() if each.kind == kind and self.has(each.part)]


@lru_cache(maxsize=4096)
def local(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """An attribute by its local name; empty where there is none."""
    told = element.get(name)
    if told is not None:
        return told
    return next((value for key, value in element.items() if local(key) == name), "")


def named(element: Element, *names: str) -> Iterator[Element]:
    """Every element below with one of these local names, in order."""
    return (each for each in element.iter() if local(each.tag) in names)


def first(element: Element | None, *path: str) -> Element | None:
    """The element at the end of a path of local names, each a child of the one before."""
    for name in path:
        element = next((each for each in element if local(each.tag) == name), None) if element is not None else None
    return element


def number(text: str, otherwise: int = 0) -> int:
    try:
        return int(text)
    except ValueError:
        return otherwise


def _below(stream: IO[bytes], parent: str) -> Iterator[Element]:
    path: list[Element] = []
    for event, element in iterparse(stream, events=("start", "end")):  # noqa: S314
        if event == "start":
            path.append(element)
            continue
        path.pop()
        if path and local(path[-1].tag) == parent and not any(local(above.tag) == parent for above in path[:-1]):
            yield element
            path[-1].remove(element)

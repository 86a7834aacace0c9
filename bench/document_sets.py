"""The documents that reading is measured on, read from RAGLEAP_DATA, and how much of what they say was read.

Word recall: of the words of docling's ground truth, each as often as it stands there, the share that the parsed text
has, a word being a run of letters and digits, case aside. The ground truth is Markdown: what is markup in it and no
word of the document (comments, targets of links and pictures, entities, the time of a date without one) is left out.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("documents", "documents_hostile", "email_corpus")
# Texts that the ground truth folders call by other names, and formats that share a reader.
_SAME = {"xlsm": "xlsx", "asciidoc": "text", "vtt": "text", "dotx": "docx", "docm": "docx", "pptm": "pptx"}
_NO_DOCUMENT = frozenset({"README.md", "LICENSE", ".gitignore"})
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\]]*)\]\((?:data:[^)]*|[^)]*)\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^()\s]|\([^()]*\))*\)")
_MIDNIGHT = re.compile(r"(?<=\d{4}-\d\d-\d\d) 00:00:00\b")  # a date alone, as docling's library writes it
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A file with the words that it holds, as docling's ground truth has them."""

    file: Path
    kind: str
    words: Counter[str]


def every_file(data: Path) -> Iterator[Path]:
    """All documents, hostile ones and mails, without what was written about them (ground truths, read-mes)."""
    for folder in FOLDERS:
        for file in sorted((data / folder).rglob("*")):
            if file.is_file() and "groundtruth" not in file.parts and file.name not in _NO_DOCUMENT:
                yield file


def judged_files(data: Path) -> Iterator[Judged]:
    """The files that have a ground truth, by folder and name."""
    for truth in sorted((data / "documents" / "docling").glob("*/groundtruth/*.md")):
        source = _source(truth)
        words = Counter(words_of(_plain(truth.read_text(encoding="utf-8"))))
        if source is not None and words:
            kind = source.suffix.lstrip(".").lower()
            yield Judged(file=source, kind=_SAME.get(kind, kind), words=words)


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def recall(wanted: Counter[str], text: str) -> float:
    """The share of the wanted words, each as often as it is wanted, that a text has."""
    return (wanted & Counter(words_of(text))).total() / wanted.total()


def _source(truth: Path) -> Path | None:
    """``sources/NAME`` for ``groundtruth/NAME.md``, or for ``NAME.md`` the one file of that stem."""
    folder = truth.parents[1] / "sources"
    named = folder / truth.name.removesuffix(".md")
    if named.is_file():
        return named
    found = [file for file in folder.glob("*") if file.stem == truth.stem]
    return found[0] if len(found) == 1 else None


def _plain(markdown: str) -> str:
    text = _PICTURE.sub(r"\1", _COMMENT.sub(" ", markdown))
    return html.unescape(_LINK.sub(r"\1", _MIDNIGHT.sub("", text))).replace("\\", "")

"""The words of a question and of a database's names, brought to one form: singular, lower case, no joints."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]+"|“[^”]+”|(?<!\w)'[^']+'(?!\w)|(?<!\w)‘[^’]+’)|(?P<number>-?\d[\d,]*(?:\.\d+)?(?![\w.]\w))"""
    r"""|(?P<word>[^\W_]+(?:[-'’.][^\W_]+)*)|(?P<mark>[,;()])"""
)
_JOINT = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")
_ODD = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "staffs": "staff",
    "movies": "movie",
    "series": "series",
    "species": "species",
    "buses": "bus",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """``stem`` is what is compared; ``kind``: word, number, quoted or mark."""

    text: str
    stem: str
    kind: str
    start: int
    end: int


def tokens(question: str) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(question):
        kind = str(match.lastgroup)
        text = match.group()[1:-1].strip() if kind == "quoted" else re.sub(r"['’]s$", "", match.group())
        form = stem(text) if kind == "word" else text.lower()
        found.append(Token(text=text, stem=form, kind=kind, start=match.start(), end=match.end()))
    return found


def stem(word: str) -> str:
    """The singular of a noun, by rule; what the rule gets wrong it gets wrong on both sides."""
    low = word.lower()
    if low in _ODD:
        return _ODD[low]
    if len(low) > 4 and low.endswith("ies"):
        return low[:-3] + "y"
    if low.endswith(("sses", "xes", "ches", "shes", "tuses")):
        return low[:-2]
    if len(low) > 2 and low.endswith("s") and not low.endswith(("ss", "us", "is")):
        return low[:-1]
    return low


def name_stems(name: str) -> tuple[str, ...]:
    """ "Customer_IDs", "customerId" → ("customer", "id")."""
    return tuple(stem(part) for part in _JOINT.split(name) if part)


def key(stems: tuple[str, ...] | list[str]) -> str:
    return "".join(part.replace("-", "").replace("'", "") for part in stems)

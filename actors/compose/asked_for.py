"""What kind of thing a question asks for, and whether a text holds one that the question does not. Pure.

A question that asks for a number, a time, a name or a person is told by its wording; for every other question nothing
is known here. English only: in another language every question is one of the others.

Held by tests/unit/actors/compose/test_asked_for.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum


class Kind(Enum):
    """What an answer must hold; ``OTHER`` is anything."""

    NUMBER = "number"
    TIME = "time"
    NAME = "name"
    PERSON = "person"
    OTHER = "other"


_MEASURES = (
    "price|cost|amount|number|percentage|share|total|discount|fee|rate|score|size|weight|budget|rent|temperature|year"
)
_ASKS: Sequence[tuple[Kind, re.Pattern[str]]] = (
    (
        Kind.NUMBER,
        re.compile(
            r"\bhow (?:many|much|old|far|tall|big|large|heavy|high|often|late)\b"
            rf"|\b(?:what|which) (?:(?:is|was|are|were) the )?(?:\w+ )?(?:{_MEASURES})\b"
            r"|\bwhat (?:does|do|did|will|would)\b.*\bcost\b|\bphone number\b",
            re.IGNORECASE,
        ),
    ),
    (
        Kind.TIME,
        re.compile(
            r"^(?:\w+ )?when\b|\bwhat time\b|\b(?:what|which) (?:day|date|month|week)\b|\bhow (?:long|soon|fast)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Kind.NAME,
        re.compile(
            r"\bnames? of\b|\bcalled\b|\bbrand\b|\btitle\b"
            r"|^(?:what|which) (?:song|make|company|firm|restaurant|hotel|movie|film|book|airline|bank|author)\b",
            re.IGNORECASE,
        ),
    ),
    (Kind.PERSON, re.compile(r"^(?:\w+ )?who(?:m|se)?\b", re.IGNORECASE)),
)

_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half dozen "
    "once twice both single couple"
)
_TIME_WORDS = (
    "monday tuesday wednesday thursday friday saturday sunday weekday weekdays weekend today tomorrow yesterday "
    "tonight morning afternoon evening noon midnight night week weeks month months year years day days hour hours "
    "minutes spring summer autumn winter easter christmas january february march april may june july august "
    "september october november december jan feb mar apr jun jul aug sep sept oct nov dec"
)


def _one_of(words: str) -> str:
    return rf"\b(?:{'|'.join(words.split())})\b"


_NUMBER = re.compile(rf"\d[\d.,:]*|{_one_of(_NUMBER_WORDS)}", re.IGNORECASE)
_TIME = re.compile(rf"{_NUMBER.pattern}|{_one_of(_TIME_WORDS)}", re.IGNORECASE)
# A capital letter within a sentence, or something in quotation marks.
_NAME = re.compile(r"[\"“'‘]\w[^\"”]{1,60}[\"”'’]|(?<![.!?:] )(?<!^)\b[A-Z][\w’-]+|\b[A-Z]{2,}\b")
_CAPITAL = re.compile(r"\b[A-Z][\w’-]+")
_SPEAKER = re.compile(r"^(?:>\s*)?[\w’' .-]{2,40}:\s")
_SOUGHT = {Kind.NUMBER: _NUMBER, Kind.TIME: _TIME, Kind.NAME: _NAME, Kind.PERSON: _CAPITAL}


def asked_for(question: str) -> Kind:
    """The first kind whose wording the question has."""
    return next((kind for kind, wording in _ASKS if wording.search(question.strip())), Kind.OTHER)


def held_by(question: str, text: str) -> bool | None:
    """Whether ``text`` holds such a thing that is not in the question itself; None where any text may."""
    kind = asked_for(question)
    if kind is Kind.OTHER:
        return None
    told = text if kind is Kind.PERSON else _SPEAKER.sub("", text)  # who speaks may be the person that is asked for
    known = set(_words(question))
    return any(not known.issuperset(_words(found.group())) for found in _SOUGHT[kind].finditer(told))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())

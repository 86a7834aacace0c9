"""Questions that lean on the one before them ("and for sale items?"). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from actors.retrieval.terms import stem, terms

Turn: TypeAlias = tuple[Literal["user", "assistant"], str]

MAX_CARRIED_CHARS = 400
_SHORT = 3  # meaning-carrying words; fewer cannot be searched for alone
_OPENS = re.compile(r"^\s*(?:and|but|or|so|also|then|what about|how about|what if|why not|ok(?:ay)?[, ])\b", re.I)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|hers|her|this|these|those|there|that(?=\s*(?:\?|$))|the same|"
    r"(?:the|that) (?:first|second|third|other|last|latter|former)(?: one)?|one|ones)\b",
    re.I,
)
# Words of a follow-up that name no subject ("how long does it take?").
_EMPTY = frozenset(
    stem(word)
    for word in re.findall(
        r"\w+",
        """long take takes much many often soon far big large small work works mean happen happens go goes need want
        know old cost costs price time times day days same okay ok yes no else case way thing things one ones""",
    )
)


def leans_on_context(question: str) -> bool:
    """Whether ``question`` is likely to mean little without what was said before."""
    return bool(len(terms(question)) < _SHORT or _OPENS.search(question) or _POINTS_BACK.search(question))


def with_context(question: str, context: Sequence[Turn]) -> str:
    """``question`` with the person's last one before it; unchanged where there is none."""
    for role, text in reversed(context):
        if role == "user" and text.strip() and text.strip() != question.strip():
            return f"{text.strip()[:MAX_CARRIED_CHARS]} {question}"
    return question


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a question: what is searched for, and words of which an answer must have one.

    ``own`` keeps a follow-up that changes the subject from being answered with the subject before it.
    """

    text: str
    own: frozenset[str] = frozenset()

    def fits(self, passage: str) -> bool:
        return not self.own or not self.own.isdisjoint(terms(passage))


def readings(question: str, context: Sequence[Turn]) -> list[Reading]:
    """How ``question`` may be meant, the likelier first."""
    whole = with_context(question, context)
    if whole == question or not leans_on_context(question):
        return [Reading(question)]
    before = whole.removesuffix(question)
    own = frozenset(terms(question)) - frozenset(terms(before)) - _EMPTY
    return [Reading(whole, own), Reading(question)]

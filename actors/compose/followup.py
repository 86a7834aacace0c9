"""Questions that lean on the one before them ("and for sale items?"). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from actors.retrieval.terms import terms

Turn: TypeAlias = tuple[Literal["user", "assistant"], str]

MAX_CARRIED_CHARS = 400
_SHORT = 3  # meaning-carrying words; fewer cannot be searched for alone
_OPENS = re.compile(r"^\s*(?:and|but|or|so|also|then|what about|how about|what if|why not|ok(?:ay)?[, ])\b", re.I)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|hers|her|this|these|those|there|that(?=\s*(?:\?|$))|the same|"
    r"(?:the|that) (?:first|second|third|other|last|latter|former)(?: one)?|one|ones)\b",
    re.I,
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


def search_question(question: str, context: Sequence[Turn]) -> str:
    """What to search for."""
    return with_context(question, context) if leans_on_context(question) else question

"""Why a statement may not run: the rule that it breaks, a sentence about it, and the place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Rule(StrEnum):
    """What the gate holds statements to; the value is stable, for programs."""

    TEXT = "text"  # characters and escapes that two readers may read differently
    COMMENT = "comment"  # comments that a server executes
    SYNTAX = "syntax"
    ONE_STATEMENT = "one-statement"
    READ_ONLY = "read-only"
    FORM = "form"  # a construct that is not on the list
    FUNCTION = "function"
    TYPE = "type"
    CATALOG = "catalog"
    TABLE = "table"
    COLUMN = "column"
    LIMIT = "limit"
    SIZE = "size"  # a statement, or what it makes, that is too large
    RECURSION = "recursion"
    OWN_ROWS = "own-rows"  # a person who may read rows about themselves alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason is given, the first that was found. ``line`` and ``column`` count from 1; None: not known."""

    rule: Rule
    sentence: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = "" if self.line is None else f" (line {self.line}, column {self.column})"
        return f"{self.rule}: {self.sentence}{place}"


class Refused(Exception):
    """Carries a reason up to the gate, which makes a :class:`Refusal` of it. ``at``: an offset in the text."""

    def __init__(self, rule: Rule, sentence: str, at: int | None = None) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.sentence = sentence
        self.at = at

    def in_text(self, sql: str) -> Refusal:
        if self.at is None:
            return Refusal(rule=self.rule, sentence=self.sentence)
        before = sql[: self.at]
        line, column = before.count("\n") + 1, self.at - (before.rfind("\n") + 1) + 1
        return Refusal(rule=self.rule, sentence=self.sentence, line=line, column=column)


def place(node: Any) -> int | None:
    """Where in the text a node, or the first part of it that knows, begins."""
    for part in node.walk():
        start = part.meta.get("start")
        if start is not None:
            return int(start)
    return None

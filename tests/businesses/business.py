"""A generated business: files on disk and the one question whose right answer is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

Topic: TypeAlias = Literal["delivery", "quality", "billing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One customer whom the answer must name, with every product of all their orders, each once.

    ``named``: those of ``products`` that the customer's own complaint names, in full or shortened.
    """

    name: str
    email: str  # lower case
    products: frozenset[str]
    named: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """``expected``: by the customer's e-mail address in lower case."""

    seed: int
    trade: str
    shop: str
    folder: Path
    files: tuple[Path, ...]
    as_of: date
    topic: Topic
    question: str
    expected: Mapping[str, Expected]

"""Chunks for the vector port's tests: small vectors in one plane, so that which is nearest can be told by its angle."""

from __future__ import annotations

import math

from actors.ports import VectorRow

DIMENSION = 384


def unit(angle: float) -> list[float]:
    return [math.cos(angle), math.sin(angle), *([0.0] * (DIMENSION - 2))]


def row(number: int, text: str, *, document: str = "doc_a", version: int = 1, day: int = 0) -> VectorRow:
    """The ``number``-th chunk of a document, ``number`` / 10 radians away from ``unit(0)``."""
    return VectorRow(
        chunk_id=f"{document}.{version}.{number}",
        document_id=document,
        version=version,
        ordinal=number,
        text=text,
        vector=unit(number / 10),
        start=number * 10,
        end=number * 10 + len(text),
        occurred_on=day,
    )

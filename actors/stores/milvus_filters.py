"""Filter expressions for Milvus, built from validated values. Decides without I/O.

Values are inlined (the embedded server has no filter parameters), so each is checked against what a literal can hold:
an id that does not fit is refused, never escaped into something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from actors.ports import VectorFilter
from runtime.errors import Invalid

# Printable, and nothing that could end a literal or begin an escape in one.
_ID = re.compile(r"[^\"'`\\\x00-\x1f\x7f]{1,256}")
_WORD = re.compile(r"\w")
_LARGEST_DAY = 10_000_000


def check_id(value: str) -> str:
    """Return ``value`` if it can stand inside a literal as it is, else raise Invalid."""
    if not _ID.fullmatch(value) or not value.isprintable():
        raise Invalid(
            f"{value[:60]!r} is not an id that the vector store can hold.",
            do="Use 1 to 256 printable characters without quotes and backslashes.",
        )
    return value


def any_of(field: str, values: Iterable[str]) -> str:
    """``field`` is one of ``values``; sorted, so that equal sets give equal (cacheable) expressions."""
    listed = ", ".join(f'"{check_id(value)}"' for value in sorted(set(values)))
    return f"{field} in [{listed}]"


def of_version(document_id: str, version: int) -> str:
    return f'document_id == "{check_id(document_id)}" and version == {int(version)}'


def expression(where: VectorFilter) -> str | None:
    """The expression of ``where``; "" where it narrows nothing, None where nothing can match."""
    parts = []
    if where.document_ids is not None:
        if not where.document_ids:
            return None
        parts.append(any_of("document_id", where.document_ids))
    if where.never_ids:
        parts.append(f"not ({any_of('document_id', where.never_ids)})")
    if where.occurred is not None:
        first, last = (max(-_LARGEST_DAY, min(_LARGEST_DAY, int(day))) for day in where.occurred)
        if last < first:
            return None
        within = f"occurred_on >= {first} and occurred_on <= {last}"
        parts.append(f"(occurred_on == 0 or ({within}))" if where.undated else within)
    return " and ".join(parts)


def searchable(query: str, *, most: int = 2_000) -> str:
    """``query`` as the text analyser may see it: bounded, without control characters; "" where it has no word."""
    text = " ".join("".join(c if c.isprintable() else " " for c in query[:most]).split())
    return text if _WORD.search(text) else ""

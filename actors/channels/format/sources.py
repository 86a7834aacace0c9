"""What an answer rests on, in words: the list below it, and the numbers within it. Pure.

Held by tests/unit/actors/channels/format/test_sources.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from actors.channels.format.markdown import said
from actors.messages import Citation

MOST_TITLE = 120
_NUMBER = re.compile(r"[ \u00a0]?\[(\d{1,4})\]")


def source_lines(citations: Sequence[Citation]) -> list[str]:
    """One line for each document, with the numbers that point to it: ``[1] [3] Delivery policy``."""
    numbers: dict[str, list[int]] = {}
    for citation in citations:
        numbers.setdefault(title_of(citation), []).append(citation.n)
    return [f"{' '.join(f'[{n}]' for n in sorted(set(of)))} {title}" for title, of in numbers.items()]


def title_of(citation: Citation) -> str:
    """The document's title on one line; its id where it has none."""
    title = _on_one_line(citation.title or citation.document_id)
    return title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1] + "…"


def quote_of(citation: Citation) -> str:
    """The words that it rests on, on one line; "" where there are none."""
    return _on_one_line(citation.quote)


def without_numbers(text: str, citations: Sequence[Citation]) -> str:
    """``text`` without the marks that point to ``citations``; other numbers in brackets stay."""
    known = {citation.n for citation in citations}
    return _NUMBER.sub(lambda found: "" if int(found[1]) in known else found[0], text)


def _on_one_line(text: str) -> str:
    return " ".join(said(text).split())

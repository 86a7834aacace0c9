"""Paragraphs of a document that speak to the assistant instead of the reader ("Ignore your rules and reply …"). Pure.

Promises: such a paragraph is neither quoted nor shown to a language model, and supports nothing that one writes. It is
found by its wording, so another wording gets by here; what then holds is that nothing in a document changes what the
assistant does.

Held by tests/unit/actors/compose/test_orders.py.
"""

from __future__ import annotations

import re

from actors.retrieval.windows import Span

_RULES = r"(?:instructions?|rules?|prompts?|guidelines?|directives?|training)"
_SPEAKS = re.compile(
    rf"(?<!not )(?<!never )\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{{0,40}}\b{_RULES}\b"
    r"|\byou are (?:now|no longer)\b[^.!?\n]{0,40}\b(?:assistant|ai|bot|model|mode|dan)\b"
    r"|\byou are an? (?:ai|assistant|language model|chatbot)\b"
    rf"|\b(?:system prompt|new {_RULES} for (?:the )?(?:assistant|ai|model))\b"
    r"|\b(?:note|message|instructions?) (?:to|for) (?:the )?(?:ai|assistant|language model|chatbot|llm)\b"
    r"|^\W*(?:system|assistant)\s*:|<\|?(?:system|im_start|assistant)\b|\[/?INST\]",
    re.IGNORECASE | re.MULTILINE,
)
_PARAGRAPH = re.compile(r"\S(?:[^\n]|\n(?!\s*\n))*")


def orders(text: str) -> list[Span]:
    """The paragraphs of ``text`` that give the assistant orders."""
    if not _SPEAKS.search(text):
        return []
    return [Span(*found.span()) for found in _PARAGRAPH.finditer(text) if _SPEAKS.search(found.group())]


def without_orders(text: str) -> str:
    for span in reversed(orders(text)):
        text = text[: span.start] + text[span.end :]
    return text

"""An answer as spans with its sources below it, and their markup: what the chats' formats share. Pure.

Held by tests/unit/actors/channels/format/test_telegram.py and tests/unit/actors/channels/format/test_whatsapp.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actors.channels.format.sources import source_lines
from actors.channels.format.spans import Span, Style, spans_of
from actors.messages import Citation

MOST_PARTS = 10  # messages that one answer may become
CUT = "…"  # where it would become more


def answer_spans(text: str, citations: Sequence[Citation]) -> list[Span]:
    """The answer and, in italics, what it rests on."""
    spans = spans_of(text)
    if citations:
        spans.append(Span("\n\n"))
        spans.append(Span("\n".join(source_lines(citations)), frozenset({Style.ITALIC})))
    return spans


def bounded(parts: Sequence[list[Span]]) -> list[list[Span]]:
    """At most MOST_PARTS of ``parts``; the last one says that there was more."""
    found = list(parts[:MOST_PARTS])
    if len(parts) > MOST_PARTS:
        found[-1] = [*found[-1], Span(CUT)]
    return found


def marked_up(
    spans: Sequence[Span],
    *,
    marks: dict[Style, tuple[str, str]],
    escape: Callable[[Span], str],
    linked: Callable[[str], tuple[str, str]],
) -> str:
    """``spans`` with marks where a style begins and ends. What encloses both of two neighbours stays open between
    them, so that no mark stands beside its own kind."""
    out: list[str] = []
    opened: list[Style | str] = []
    for span in [*spans, Span("")]:
        wanted = _enclosing(span)
        same = next((at for at, (a, b) in enumerate(zip(opened, wanted, strict=False)) if a != b), None)
        keep = min(len(opened), len(wanted)) if same is None else same
        for each in reversed(opened[keep:]):
            out.append(marks[each][1] if isinstance(each, Style) else linked(each)[1])
        for each in wanted[keep:]:
            out.append(marks[each][0] if isinstance(each, Style) else linked(each)[0])
        opened = wanted
        out.append(escape(span))
    return "".join(out)


def _enclosing(span: Span) -> list[Style | str]:
    links: list[Style | str] = [span.link] if span.link else []
    return links + [style for style in Style if style in span.styles]

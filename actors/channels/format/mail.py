"""An answer as a mail's two bodies: plain text and HTML. Pure.

Held by tests/unit/actors/channels/format/test_mail.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actors.channels.format.sources import quote_of, title_of
from actors.channels.format.spans import Span, link_ends, spans_of
from actors.channels.format.web import web
from actors.messages import Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class MailBodies:
    """``plain`` says all that ``html`` shows."""

    plain: str
    html: str


def mail(text: str, citations: Sequence[Citation] = ()) -> MailBodies:
    page = f'<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body dir="auto">\n{web(text, citations)}'
    return MailBodies(plain=plain(text, citations), html=f"{page}</body></html>\n")


def plain(text: str, citations: Sequence[Citation] = ()) -> str:
    """Without markup; links with their address, and each citation with its words."""
    body = "".join(_shown(spans_of(text)))
    lines = [f"[{each.n}] {title_of(each)}{_quote(each)}" for each in citations]
    return "\n\n".join(part for part in (body, "\n".join(lines)) if part)


def _shown(spans: Sequence[Span]) -> Iterator[str]:
    for at, span in enumerate(spans):
        yield span.text
        if link_ends(spans, at) and span.text != span.link:
            yield f" <{span.link}>"


def _quote(citation: Citation) -> str:
    quote = quote_of(citation)
    return f": “{quote}”" if quote else ""

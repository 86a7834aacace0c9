"""An answer as HTML: for the web, and for mails that show it. Pure.

Promises: the only elements in it are those written here and those of Markdown; nothing in a text becomes an element,
an attribute or a script; links open elsewhere and tell nobody where they were followed from.

Held by tests/unit/actors/channels/format/test_web.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from markdown_it.token import Token

from actors.channels.format.markdown import parser, said, tokens_of
from actors.channels.format.sources import quote_of, title_of
from actors.messages import Citation

_NUMBER = re.compile(r"\[(\d{1,4})\]")


def web(text: str, citations: Sequence[Citation] = ()) -> str:
    """Blocks of HTML without a document around them. A number that points to a citation is
    ``<sup class="cite" data-n="1">1</sup>``; the citations are a list of the class ``sources`` below."""
    return _body(said(text).strip(), citations) + _sources(citations)


def _body(text: str, citations: Sequence[Citation]) -> str:
    tokens = tokens_of(text)
    if tokens is None:
        return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>\n" for part in text.split("\n\n"))
    known = {citation.n for citation in citations}
    for token in tokens:
        if token.children:
            token.children = [made for child in token.children for made in _shown(child, known)]
    made: str = parser().renderer.render(tokens, parser().options, {})
    return made


def _shown(child: Token, known: set[int]) -> Iterator[Token]:
    if child.type == "link_open":
        child.attrSet("rel", "noopener noreferrer nofollow")
        child.attrSet("target", "_blank")
    if child.type != "text":
        yield child
        return
    for at, piece in enumerate(_NUMBER.split(child.content)):
        if at % 2 and int(piece) in known:
            n = int(piece)
            yield Token("html_inline", "", 0, content=f'<sup class="cite" data-n="{n}">{n}</sup>')
        elif piece:
            yield Token("text", "", 0, content=f"[{piece}]" if at % 2 else piece)


def _sources(citations: Sequence[Citation]) -> str:
    if not citations:
        return ""
    lines = (
        f'<li value="{citation.n}"><cite>{escape(title_of(citation))}</cite>{_quote(citation)}</li>\n'
        for citation in citations
    )
    return f'<ol class="sources">\n{"".join(lines)}</ol>\n'


def _quote(citation: Citation) -> str:
    quote = quote_of(citation)
    return f": <q>{escape(quote)}</q>" if quote else ""

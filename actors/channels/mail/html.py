"""The words of an HTML mail, without what it quotes. Pure.

Quotations come out as lines that begin with ``>``, as in plain mails; what follows one of the marks that mail programs
put before the mail which is answered is left out, where anything stands before it.

Held by tests/unit/actors/channels/mail/test_reply_text.py.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "section"}
    | {"article", "header", "footer", "hr", "pre"}
)
_SILENT = frozenset({"script", "style", "head", "title", "template"})
_MARKS = frozenset(  # ids and classes
    {"gmail_quote", "gmail_attr", "gmail_extra", "yahoo_quoted", "moz-cite-prefix", "outlookmessageheader", "hmquote"}
    | {"divrplyfwdmsg", "appendonsend", "olk_src_body_section", "mail-editor-reference-message-container"}
    | {"zmail_extra", "protonmail_quote", "replysplit", "stopspelling"}
)
_RULE = re.compile(  # Outlook's line above what is answered
    r"border-top:\s*(?:solid\s+#(?:b5c4df|e1e1e1)|#(?:b5c4df|e1e1e1)\s+1\.?0?\w*\s+solid)", re.IGNORECASE
)
_MOST = 2_000_000  # characters of markup


def text_of(markup: str) -> str:
    """The reply's own words; everything, where nothing stands before the first mark."""
    reader = _Reader()
    reader.feed(markup[:_MOST])
    reader.close()
    lines = "".join(reader.pieces[: reader.cut]) if reader.cut is not None else ""
    return _tidy(lines) or _tidy("".join(reader.pieces))


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.cut: int | None = None
        self._silent = 0
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        given = {name: value or "" for name, value in attrs}
        named = {given.get("id", "").lower(), *given.get("class", "").lower().split()}
        if self.cut is None and (named & _MARKS or _RULE.search(given.get("style", ""))):
            self.cut = len(self.pieces)
        if tag == "blockquote":
            self._quoted += 1
        if tag in _BLOCKS:
            self._break()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)
        if tag in _BLOCKS:
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(" ".join(data.split("\n")))

    def _break(self) -> None:
        self.pieces.append("\n" + "> " * min(self._quoted, 5))

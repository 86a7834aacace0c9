"""MarkdownV2 as Telegram's server reads it: the text, and where its entities lie; or why it is refused.

Written after the Bot API's description (https://core.telegram.org/bots/api#markdownv2-style): every reserved character
outside of an entity's marks must be escaped, ``__`` is always an underline, entities must be closed in their order.
"""

from __future__ import annotations

from dataclasses import dataclass

RESERVED = "_*[]()~`>#+-=|{}.!"
_KINDS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler", "`": "code"}


class CannotParse(ValueError):
    """What the server says with its 400."""


@dataclass(frozen=True, slots=True)
class Entity:
    """``start`` and ``end`` are places in the text; ``url`` that of a text_link."""

    kind: str
    start: int
    end: int
    url: str = ""


def read(source: str) -> tuple[str, list[Entity]]:
    """The text without its marks, and its entities in the order in which they were closed. Raises CannotParse."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._open: list[tuple[str, int]] = []
        self._entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while self._at < len(self._source):
            self._step()
        if self._open:
            raise CannotParse(f"can't find end of the entity {self._open[-1][0]!r}")
        return "".join(self._text), [entity for entity in self._entities if entity.end > entity.start]

    def _step(self) -> None:
        source, at = self._source, self._at
        character = source[at]
        inside = self._open[-1][0] if self._open else ""
        if character == "\\" and at + 1 < len(source) and 0 < ord(source[at + 1]) < 127:
            self._text.append(source[at + 1])
            self._at += 2
        elif inside == "```":
            self._literal("```")
        elif inside == "`":
            self._literal("`")
        elif source.startswith("```", at):
            self._begin("```", 3)
            self._skip_language()
        elif character == "]" and inside == "[":
            self._end_link()
        elif character == "[":
            self._begin("[", 1)
        elif (mark := self._mark()) and inside == mark:
            self._end(_KINDS[mark], len(mark))
        elif mark:
            self._begin(mark, len(mark))
        elif character in RESERVED:
            raise CannotParse(f"character {character!r} is reserved and must be escaped (at {at})")
        else:
            self._text.append(character)
            self._at += 1

    def _mark(self) -> str:
        for mark in ("__", "||", "*", "_", "~", "`"):
            if self._source.startswith(mark, self._at):
                return mark
        return ""

    def _literal(self, mark: str) -> None:
        if self._source.startswith(mark, self._at):
            self._end("pre" if mark == "```" else "code", len(mark))
        elif self._source[self._at] == "`":
            raise CannotParse("'`' must be escaped within code")
        else:
            self._text.append(self._source[self._at])
            self._at += 1

    def _skip_language(self) -> None:
        end = self._at
        while end < len(self._source) and not self._source[end].isspace() and self._source[end] != "`":
            end += 1
        if end < len(self._source) and self._source[end] == "\n":
            self._at = end + 1

    def _begin(self, mark: str, length: int) -> None:
        if any(mark == each for each, _ in self._open):
            raise CannotParse(f"{mark!r} is open already")
        self._open.append((mark, len(self._text)))
        self._at += length

    def _end(self, kind: str, length: int, url: str = "") -> None:
        _, start = self._open.pop()
        self._entities.append(Entity(kind, start, len(self._text), url))
        self._at += length

    def _end_link(self) -> None:
        url, at = "", self._at + 1
        if self._source[at : at + 1] != "(":
            raise CannotParse("a link has no address")
        at += 1
        while at < len(self._source) and self._source[at] != ")":
            at += self._source[at] == "\\"
            url += self._source[at : at + 1]
            at += 1
        if at >= len(self._source):
            raise CannotParse("can't find end of a url")
        self._end("text_link", at + 1 - self._at, url)

"""What is refused by a statement's text alone, before it is parsed: what two readers may read differently.

The statement that runs is written anew from a tree, so a hidden statement could not get through. But what the database
would have read must be what the gate has judged, or an answer is given to another question than was asked.

Sources: PostgreSQL 4.1 "Lexical Structure" (U& escapes, E'' strings, dollar quotes, nested comments); MySQL 11.7 and
MariaDB "Comment Syntax" (executable comments, ``--`` wants a space); sqlite.org/lang_comment.html.

Held by tests/unit/actors/database/test_lexical.py.
"""

from __future__ import annotations

import re
import unicodedata

from actors.database.dialects import Family
from actors.database.refusal import Refused, Rule

MAX_CHARS = 16_000
_MAX_NESTED = 40
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_PLAIN_SPACE = " \t\r\n\f"
# From one of these on, something else begins than a word, a number or an operator.
_OPENERS = re.compile(r"""['"`\[\]$#/\-()&eE\x00-\x1f\x7f-\U0010ffff]""")


def check_text(sql: str, family: Family) -> None:
    """Raises Refused."""
    if len(sql) > MAX_CHARS:
        raise Refused(Rule.SIZE, f"A statement may have {MAX_CHARS} characters; this one has {len(sql)}.")
    if "\0" in sql:
        raise Refused(Rule.TEXT, "There is a NUL character in the statement.", sql.index("\0"))
    _Scan(sql, family).run()


class _Scan:
    """Walks over the text once: words, quoted parts and comments."""

    def __init__(self, sql: str, family: Family) -> None:
        self.sql = sql
        self.family = family
        self.depth = 0

    def run(self) -> None:
        at = 0
        while (opener := _OPENERS.search(self.sql, at)) is not None:
            at = self._past(opener.start())

    def _past(self, at: int) -> int:
        """Where the reading goes on behind what begins at ``at``."""
        sql, family, char = self.sql, self.family, self.sql[at]
        if char in "'\"" or (char == "`" and family is not Family.POSTGRES):
            return self._quoted(at)
        if char in "()":
            return self._nested(at)
        if sql.startswith("/*", at):
            return self._block_comment(at)
        if sql.startswith("--", at) or (char == "#" and family is Family.MYSQL):
            return self._line_comment(at)
        if char in "eE&" and family is Family.POSTGRES:
            self._escape(at)
        if char == "$" and family is Family.POSTGRES and (tag := _DOLLAR.match(sql, at)) is not None:
            return self._until(tag.group(), tag.end(), at) + len(tag.group())
        if char == "[" and family is Family.SQLITE:
            return self._until("]", at + 1, at) + 1
        self._character(at)
        return at + 1

    def _quoted(self, at: int) -> int:
        quote, here = self.sql[at], at + 1
        while here < len(self.sql):
            char = self.sql[here]
            if char == "\\" and self.family is Family.MYSQL and quote != "`":
                here += 2
            elif char != quote:
                here += 1
            elif self.sql.startswith(quote, here + 1):
                here += 2
            else:
                return here + 1
        raise Refused(Rule.SYNTAX, "A quotation that begins here has no end.", at)

    def _block_comment(self, at: int) -> int:
        if self.sql.startswith(("/*!", "/*M!", "/*m!", "/*+"), at):
            raise Refused(Rule.COMMENT, "A comment that a database executes may not be in a statement.", at)
        if self.family is not Family.POSTGRES:
            end = self._until("*/", at + 2, at)
            if "/*" in self.sql[at + 2 : end]:
                raise Refused(Rule.COMMENT, "A comment begins inside of a comment.", at)
            return end + 2
        depth, here = 1, at + 2
        while depth:
            found = re.compile(r"/\*|\*/").search(self.sql, here)
            if found is None:
                raise Refused(Rule.SYNTAX, "A comment that begins here has no end.", at)
            depth, here = depth + (1 if found.group() == "/*" else -1), found.end()
        return here

    def _line_comment(self, at: int) -> int:
        dashes = self.sql[at] == "-"
        if dashes and self.family is Family.MYSQL and self.sql[at + 2 : at + 3] not in ("", " ", "\t", "\n", "\r"):
            raise Refused(Rule.COMMENT, "Two dashes are a comment here only if a space follows; write it.", at)
        end = self.sql.find("\n", at)
        if "\r" in self.sql[at : end if end >= 0 else None].rstrip("\r"):
            raise Refused(Rule.COMMENT, "It is not clear where this comment ends.", at)
        return len(self.sql) if end < 0 else end + 1

    def _escape(self, at: int) -> None:
        before, next_ = self.sql[at - 1 : at], self.sql[at + 1 : at + 2]
        if self.sql[at] == "&" and before in ("u", "U") and next_ in ("'", '"'):
            raise Refused(Rule.TEXT, "Unicode escapes (U&) are not read; write the characters themselves.", at - 1)
        if self.sql[at] in "eE" and next_ == "'" and not (before.isalnum() or before in ("_", "$")):
            raise Refused(Rule.TEXT, "Escape strings (E'…') are not read; write the text, or use chr().", at)

    def _character(self, at: int) -> None:
        char = self.sql[at]
        if char in _PLAIN_SPACE or (char.isprintable() and unicodedata.category(char) not in ("Zs", "Cf")):
            return
        raise Refused(Rule.TEXT, f"There is an odd character (U+{ord(char):04X}) outside of quotes.", at)

    def _nested(self, at: int) -> int:
        self.depth += 1 if self.sql[at] == "(" else -1
        if self.depth > _MAX_NESTED:
            raise Refused(Rule.SIZE, f"Parentheses are nested deeper than {_MAX_NESTED}.", at)
        return at + 1

    def _until(self, end: str, start: int, opened: int) -> int:
        found = self.sql.find(end, start)
        if found < 0:
            raise Refused(Rule.SYNTAX, "Something that begins here has no end.", opened)
        return found

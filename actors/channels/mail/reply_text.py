"""What a mail says itself: without the mail that it answers, and without its signature. Pure.

Held by tests/unit/actors/channels/mail/test_reply_text.py.
"""

from __future__ import annotations

import re

from mailparser_reply import EmailReplyParser

from actors.inbound import MAX_TEXT

_MOST = 4 * MAX_TEXT  # characters that are looked through
_MOST_LINE = 1_000
_MOST_LINES = 2_000
_MOST_MARK = 400
_READER = EmailReplyParser(languages=["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "ja", "ko", "zh"])
_MARK = re.compile(
    r"^(?:[-_]{4,}[ \w]*(?:original|forwarded|weitergeleitete|ursprüngliche)[ \w]*[-_]{0,}|_{20,}|"
    r"(?=.*\d)(?:On|Am|Le|El|Il|Op|Em)\b.{5,200}(?:wrote|schrieb|écrit|escribió|scritto|schreef|escreveu)[^\n]{0,60}:|"
    r".{0,100}\d{4}.{0,120}<\s?[^<>\s]+@[^<>\s]+>[^\n]{0,30}:|"
    r"(?:From|Von|De|Da|Van|Od|Från|Fra|От|Кому|发件人|寄件者|差出人|보낸 사람)\s?:\s.{1,200}\b\d{4}\b.{0,200})$",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"^(?:Sent (?:from|via|using)|Get Outlook for|Von meinem .{1,40} gesendet|Envoyé de)\b.{0,80}$", re.IGNORECASE
)


def reply_text(text: str) -> str:
    """The reply's own words, else whatever there is, cut to ``MAX_TEXT`` characters."""
    lines = [line[:_MOST_LINE].rstrip() for line in text[:_MOST].replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = lines[:_MOST_LINES]
    start, end = _mark(lines)
    own = _signed_off(_unquoted(lines[:start]))
    if own:
        own = (_READER.parse_reply(own) or own).strip()
    below = _signed_off(_unquoted(lines[end:]))  # who answers below what is quoted
    return (own or below or "\n".join(lines).strip())[:MAX_TEXT]


def _mark(lines: list[str]) -> tuple[int, int]:
    """Where the first announcement of another mail begins and ends; it may take up to four lines."""
    for end in range(1, len(lines) + 1):
        for at in range(end - 1, max(end - 5, -1), -1):  # the shortest that says it
            joined = " ".join(lines[at:end]).strip()
            if not lines[at].strip() or lines[at].startswith(">") or len(joined) > _MOST_MARK:
                break
            if _MARK.match(joined):
                return at, end
    return len(lines), len(lines)


def _unquoted(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.lstrip().startswith(">")]


def _signed_off(lines: list[str]) -> str:
    """Without a signature (RFC 3676 4.3) and what a phone writes below."""
    for at, line in enumerate(lines):
        if line in ("--", "-- ") and any(each.strip() for each in lines[:at]):
            lines = lines[:at]
            break
    while lines and (not lines[-1].strip() or _SENT_FROM.match(lines[-1].strip())):
        lines = lines[:-1]
    return "\n".join(lines).strip()

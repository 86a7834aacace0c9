"""What a mail itself says: its body without quoted mails, forwarded headers and signature, cut into readable units.

Promises: every sentence and clause returned stands verbatim in the body, but for runs of white space. Pure.

Held by tests/unit/actors/retrieval/set_question/test_mail_text.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

MAX_BODY = 4_000  # characters of a mail that are read
MAX_SENTENCES = 40
_WHOLE = 600

_QUOTE_STARTS = re.compile(
    r"^\s*[>|]"
    r"|^.{0,160}\b(?:wrote|writes|schrieb|a écrit|escribió)\s*:\s*$"
    r"|^.{0,160}<[^<>\s]+@[^<>\s]+>\s*:\s*$"
    r"|^\s*[-_*=]{2,}\s*(?:original|forwarded|weitergeleitete|begin)\b.*$"
    r"|^\s*begin forwarded message"
    r"|^\s*_{8,}\s*$"
    r"|^\s*\*?(?:from|von|de)\*?:\s.*(?:@|\n\s*\*?(?:sent|date|to|gesendet|an|datum)\*?:)",
    re.IGNORECASE,
)
_QUOTED_LINE = re.compile(r"^\s*[>|]")
_WROTE = re.compile(r"(?:\b(?:wrote|writes|schrieb|a écrit|escribió)|>)\s*:\s*$", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:re|fwd?|aw|wg|antw)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"^\s*(?:--\s*$|sent from my\b|get outlook\b"
    r"|(?:(?:kind|best|warm|many)\s+)?regards\b[\s,.!]*$"
    r"|(?:yours|sincerely|best wishes|cheers|all the best)\b.{0,20}$)",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\s*(?:(?:dear|hello|hi|hey|hiya|good\s+(?:morning|afternoon|evening|day)|greetings|to whom it may concern)\b"
    r"[^.!?\n]{0,50}[,!:]?\s*)$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=\S)|\n\s*\n")
_CLAUSE = re.compile(r"[,;:]?\s+(?:but|yet|however|although|though)\s+|;\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail as the judge reads it: ``units`` are sentences, clauses and pairs of sentences; ``quotes[i]`` is what to
    quote for ``units[i]``; ``whole`` is subject and the beginning of the body."""

    units: tuple[str, ...]
    quotes: tuple[str, ...]
    whole: str


def own_words(body: str) -> str:
    """The body without what is quoted below or within it, and without its signature."""
    kept: list[str] = []
    lines = body[:MAX_BODY].split("\n")
    for number, line in enumerate(lines):
        if _SIGNATURE.match(line) and any(kept):
            break
        if _QUOTED_LINE.match(line):
            while kept and (not kept[-1].strip() or _WROTE.search(kept[-1])):
                kept.pop()
            continue
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if _QUOTE_STARTS.match(line) or _QUOTE_STARTS.match(f"{line}\n{following}") or _wraps(line, following):
            if any(text.strip() for text in kept):
                break
            continue
        kept.append(line)
    return "\n".join(kept).strip()


def _wraps(line: str, following: str) -> bool:
    """Whether "On … wrote:" is broken over two lines."""
    opens = re.match(r"\s*(?:on|am|le|el)\b.*\d", line, re.IGNORECASE) is not None
    return opens and _WROTE.search(following) is not None


def read(subject: str, body: str) -> Reading:
    """Cut a mail into what the judge weighs."""
    own = own_words(body)
    if _REPLY.match(subject):
        subject = ""  # the subject of what is answered, not what this mail says
    lines = [line for line in own.split("\n") if not _GREETING.match(line)]
    sentences = split_sentences("\n".join(lines)) or split_sentences(own)
    if len(sentences) > 1:  # a name at the end says nothing
        sentences = [s for s in sentences if len(s.split()) > 2 or s.rstrip()[-1:] in ".!?"] or sentences
    units: dict[str, str] = {sentence: sentence for sentence in sentences}
    for sentence in sentences:
        parts = [part for part in _CLAUSE.split(sentence) if len(part.split()) >= 3]
        if len(parts) > 1:
            units.update({part: sentence for part in parts if part not in units})
    for first, second in pairwise(sentences):
        units.setdefault(f"{first} {second}", first)
    if not units and subject:
        units[subject] = ""
    whole = f"{subject}. {' '.join(sentences)}"[:_WHOLE] if subject else " ".join(sentences)[:_WHOLE]
    return Reading(tuple(units), tuple(units.values()), whole)


def split_sentences(text: str) -> list[str]:
    """Sentences with white space made single, in order, each once."""
    found = (" ".join(piece.split()) for piece in _SENTENCE.split(text))
    return list(dict.fromkeys(piece for piece in found if len(piece) > 1))[:MAX_SENTENCES]

"""Lines of a PDF page to paragraphs: a wrapped line is joined to the next, a list or table line stays its own.

Promises: words and their order are kept; a word broken over two lines is whole again. Pure.

Held by tests/unit/actors/ingest/test_reflow.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_BULLET = re.compile(r"^(?:[•●▪◦‣∙·*–—-]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s)")
_ENDED = re.compile(r"[.!?:;…][\"'”’)\]]*$")
SOFT_BREAK = "\x02"  # pdfium's mark for a hyphen at the end of a line
_BROKEN = re.compile(r"(\w+)[\x02\u00ad]\s*(\w+)")
_FRAGMENTS = re.compile(r"\w+(?:[\x02\u00ad]\s*|-\n\s*)\w+")
_WRAPPED = re.compile(r"(\w{2,})-$")


def paragraphs(page: str) -> list[str]:
    """The page's paragraphs, each without a line break and with single spaces."""
    lines = [" ".join(line.split()) for line in page.split("\n")]
    full = _full_width(lines)
    known = set(re.findall(r"\w+", _FRAGMENTS.sub(" ", page).casefold()))
    found: list[str] = []
    current = ""
    last = ""
    for line in lines:
        if current and (not line or not _continues(last, line, full)):
            found.append(current)
            current = ""
        if line:
            current = _join(current, line, known) if current else line
        last = line
    if current:
        found.append(current)
    return [mended(paragraph, known) for paragraph in found]


def mended(text: str, known: set[str]) -> str:
    """Words that pdfium marked as broken, whole again (with their hyphen where only that form makes sense)."""
    if SOFT_BREAK not in text and "\u00ad" not in text:
        return text
    return _BROKEN.sub(lambda m: _whole(m.group(1), m.group(2), known), text).replace(SOFT_BREAK, "-")


def _full_width(lines: Sequence[str]) -> int:
    """The length that a line reaches where the text was wrapped: most long lines are about this long."""
    lengths = sorted(len(line) for line in lines if line)
    return lengths[int(len(lengths) * 0.9)] if lengths else 0


def _continues(last: str, line: str, full: int) -> bool:
    """Whether ``line`` goes on where ``last`` was wrapped."""
    if not last or _BULLET.match(line):
        return False
    if line[0].islower() or last.endswith((",", "-", SOFT_BREAK)):
        return len(last) > 20 or full < 40
    # The next word did not fit on the last line: only then was it wrapped there.
    room = full - len(last)
    if room > max(len(line.split(" ", 1)[0]) + 1, full // 8):
        return False
    return full >= 40 and not (_ENDED.search(last) and room > full // 8)


def _join(current: str, line: str, known: set[str]) -> str:
    broken = _WRAPPED.search(current)
    if broken and line[0].islower():
        first = re.match(r"\w+", line)
        if first:
            head = current[: broken.start()]
            return head + _whole(broken.group(1), first.group(0), known) + line[first.end() :]
    return f"{current} {line}"


def _whole(left: str, right: str, known: set[str]) -> str:
    joined = left + right
    if joined.casefold() in known:
        return joined
    if left.casefold() in known and right.casefold() in known and len(left) > 3:
        return f"{left}-{right}"
    return joined

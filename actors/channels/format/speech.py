"""An answer as it is spoken: no markup, no numbers in brackets, no addresses spelt out. Pure.

Held by tests/unit/actors/channels/format/test_speech.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from actors.channels.format.sources import title_of, without_numbers
from actors.channels.format.spans import spans_of
from actors.messages import Citation

_ADDRESS = re.compile(r"https?://\S*[^\s.,;:!?)\]]")
_MARGIN = re.compile(r"^(?:[>\s]|•(?=\s))+", re.MULTILINE)
_ENDS = (".", "!", "?", "…", ":", ";", ",", "。", "！", "？", "।", "؟")
_MOST_TITLES = 2  # who listens remembers no more


def speech(text: str, citations: Sequence[Citation] = ()) -> str:
    """One line of sentences. What it rests on is named at the end."""
    shown = "".join(span.text for span in spans_of(without_numbers(text, citations)))
    shown = _MARGIN.sub("", _ADDRESS.sub("a link", shown)).replace(" | ", ", ")
    lines = [_ended(" ".join(line.split())) for line in shown.splitlines() if line.strip(" —\t\u200b")]
    titles = list(dict.fromkeys(title_of(citation) for citation in citations))[:_MOST_TITLES]
    if titles:
        lines.append(f"This is from {' and '.join(titles)}.")
    return " ".join(lines)


def _ended(line: str) -> str:
    """A line that is no sentence (an item of a list, a heading) is read as one."""
    return line if line.endswith(_ENDS) else f"{line}."

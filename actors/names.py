"""How a name becomes a key: one normal form, so that what ingestion stores is what a question's words look up.

Promises: equal names in different dress ("LiHua", "Li Hua", "li-hua", "Li Hua's") have one key; pure, no I/O.

Held by tests/unit/actors/test_names.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MAX_WORDS = 5  # the longest run of words in a question that is tried as one name

# Runs between white space and punctuation. Not \w: vowel signs of Indic scripts are marks, which \w leaves out.
_NOT = r"\s!-/:-@\[-`{-~\u00a1-\u00bf\u2000-\u206f\u3000-\u303f"
_WORD = re.compile(rf"[^{_NOT}]+(?:['’][^{_NOT}]+)*")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)
_EMAIL = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
# Only before white space: the "A" of "A-100" is no article.
_ARTICLE = re.compile(rf"^[{_NOT}]*(?:the|an?)\s+(?=.*[^{_NOT}])", re.IGNORECASE | re.DOTALL)


def name_key(name: str) -> str:
    """The key of a name: case, accents on Latin letters, punctuation, spaces, article and possessive removed.

    Spaces go too, because people write "LiHua" and "Li Hua" for one person. Empty when nothing is left.
    """
    told = unicodedata.normalize("NFKC", name)
    while _ARTICLE.match(told):
        told = _ARTICLE.sub("", told)
    words = [fold(_POSSESSIVE.sub("", word)) for word in _WORD.findall(told)]
    return "".join(char for word in words for char in word if char.isalnum() or unicodedata.category(char)[0] == "M")


def name_id(name: str) -> str:
    """The graph's entity id of what a text names."""
    return f"name:{name_key(name)}"


def email_id(address: str) -> str:
    """The graph's entity id of a person known by address."""
    return f"email:{address.strip().casefold()}"


def fold(text: str) -> str:
    """Lower case, without the accents of Latin letters (marks of other scripts carry meaning and stay)."""
    if text.isascii():
        return text.lower()
    out: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.category(char) == "Mn" and out and out[-1].isascii():
            continue
        out.append(char)
    return unicodedata.normalize("NFC", "".join(out)).casefold()


def mentions_in(text: str, *, longest: int = MAX_WORDS) -> Iterator[tuple[int, int, str]]:
    """Every run of up to ``longest`` words that could be a name, as (first word, word after the last, name key).

    Longer runs come first, so that a caller may prefer "New York Times" to "New York".
    """
    words = list(_WORD.finditer(text))
    for size in range(min(longest, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            key = name_key(text[words[at].start() : words[at + size - 1].end()])
            if len(key) > 1:
                yield at, at + size, key


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words stand that :func:`mentions_in` counts."""
    return [found.span() for found in _WORD.finditer(text)]


def emails_in(text: str) -> list[str]:
    """The e-mail addresses that stand in ``text``, in order."""
    return [found.group(0) for found in _EMAIL.finditer(text)]

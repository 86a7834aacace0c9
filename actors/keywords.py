"""The words by which keyword search finds a text: what the store's BM25 indexes, and what a question is turned into.

Promises: one function for both sides, so that they meet; pure; every word survives a ``\\w+`` tokenizer unchanged.
Plain word runs do worse on names ("LiHua", "invoice_2024"), plurals and questions full of "what", "did" and "the"
(measured by bench/bench_retrieval.py), and find nothing in scripts that write without spaces.

Held by tests/unit/actors/test_keywords.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from actors.names import fold

STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a about after all also am an and any are as at be been before but by can could did do does during each for
        from get had has have having he her here him his how i if in into is it its just like may me might more most
        much my no not of on one or other our out over please she should so some such tell than that the their them
        then there these they this those to up us was we were what when where which while who whom whose why will with
        would you your""",
    )
)

_RUN = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def index_words(text: str) -> str:
    """The words of ``text`` for the index or a query, in order, separated by spaces; stop words left out."""
    return " ".join(words(text))


def words(text: str) -> Iterator[str]:
    """ "LiHua's 3 orders" → li, hua, lihua, s, 3, order: folded, singular, a compound name both split and whole."""
    for match in _RUN.finditer(text):
        parts = _CAMEL.split(match.group())
        if len(parts) > 1:
            parts.append(match.group())
        for part in parts:
            word = fold(part)
            if word in STOP_WORDS:
                continue
            if _UNSPACED.search(word):
                yield from _pairs(word)
            else:
                yield singular(word)


def singular(word: str) -> str:
    """English plurals without their ending; nothing more, for a search engine's stemmer also joins what differs."""
    if len(word) > 3 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _pairs(word: str) -> Iterator[str]:
    """Scripts without spaces: every two neighbouring characters; other runs within as they are."""
    at = 0
    for match in _UNSPACED.finditer(word):
        if word[at : match.start()]:
            yield word[at : match.start()]
        run = match.group()
        yield from (run[i : i + 2] for i in range(max(len(run) - 1, 1)))
        at = match.end()
    if word[at:]:
        yield word[at:]

"""Which of the products does a text name? Exact names first, then distinctive words, tolerant of typing errors.

Promises: pure; of two products that share words, only the one that explains more of the text's words is named.

Held by tests/unit/actors/retrieval/set_question/test_naming.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from actors.names import fold
from actors.retrieval.set_question.lexicon import singular

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_MEASURE = re.compile(
    r"\d+(?:[.,]\d+)?(?:ml|l|cl|g|kg|cm|mm|m|w|v|oz|lb|inch|in|pcs|pack|er|x)?|ml|cl|kg|cm|mm|oz|lb|pcs?|inch|[xsml]{1,3}|\d+x\d+"
)
# Words too common in complaints to name a product by themselves.
_COMMON = frozenset(
    {"the", "a", "an", "of", "for", "with", "and", "or", "in", "to", "box", "set", "pack", "kit", "gift", "order",
     "delivery", "package", "parcel", "product", "item", "card", "bag", "case", "service", "plus", "pro", "mini", "new",
     "standard", "classic", "premium", "large", "small", "medium", "big", "long", "short", "double", "single", "home",
     "house", "day", "morning", "evening", "week", "month", "number", "door", "book", "time", "hand", "present"}
)  # fmt: skip
_TYPO = 88.0
_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class _Hit:
    name: str
    places: frozenset[int]
    share: float
    exact: bool


def named_in(
    text: str, products: Sequence[str], others: Sequence[str] = (), codes: Mapping[str, str] | None = None
) -> list[str]:
    """The products (full names) that the text names, in their given order.

    ``others`` are further products of the tenant: where the text names one of those in full, its words are taken.
    ``codes`` leads from a product's code to its name.
    """
    words = [singular(w) for w in _words(text)]
    if not words:
        return []
    own = list(dict.fromkeys(products))
    rarity = _counts(own)
    hits = [hit for name in own if (hit := _hit(name, words, rarity)) is not None]
    taken = [hit for name in others if name not in own and (hit := _exact(name, words)) is not None]
    kept = [hit.name for hit in hits if not _explained(hit, hits) and not _explained(hit, taken)]
    by_code = {name for code, name in (codes or {}).items() if len(code) > 3 and _holds_code(code, text)}
    return [name for name in own if name in kept or name in by_code]


def _holds_code(code: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(code)}(?!\w)", text, re.IGNORECASE) is not None


def _explained(hit: _Hit, hits: Sequence[_Hit]) -> bool:
    """Whether every word that speaks for it speaks for a product that more of the text speaks for."""
    covering = [other for other in hits if other.name != hit.name and hit.places <= other.places]
    return any(
        len(other.places) > len(hit.places) or (other.exact and not hit.exact) or (other.share > hit.share + 0.2)
        for other in covering
    )


def _exact(name: str, words: Sequence[str]) -> _Hit | None:
    wanted = [singular(w) for w in _words(name)]
    if not wanted:
        return None
    places = {
        at + i for at in range(len(words) - len(wanted) + 1) if list(words[at : at + len(wanted)]) == wanted
        for i in range(len(wanted))
    }  # fmt: skip
    return _Hit(name, frozenset(places), 1.0, True) if places else None


def _hit(name: str, words: Sequence[str], rarity: Mapping[str, int]) -> _Hit | None:
    exact = _exact(name, words)
    if exact is not None:
        return exact
    wanted = [
        w for w in dict.fromkeys(singular(w) for w in _words(name)) if w not in _COMMON and not _MEASURE.fullmatch(w)
    ]
    if not wanted:
        return None
    places: set[int] = set()
    found: list[str] = []
    for word in wanted:
        at = _places(word, words)
        if at:
            found.append(word)
            places |= at
    if not found:
        return None
    share = _weight(found, rarity) / _weight(wanted, rarity)
    head = wanted[-1]
    by_head = head in found and len(head) > 2 and rarity.get(head, 1) == 1
    if share >= _ENOUGH or by_head or (len(found) > 1 and head in found):
        return _Hit(name, frozenset(places), share, False)
    return None


def _places(word: str, words: Sequence[str]) -> set[int]:
    exact = {i for i, w in enumerate(words) if w == word}
    if exact or len(word) < 5:
        return exact
    near = {i for i, w in enumerate(words) if abs(len(w) - len(word)) <= 2 and fuzz.ratio(w, word) >= _TYPO}
    joined = {j for i in range(len(words) - 1) if words[i] + words[i + 1] == word for j in (i, i + 1)}
    return near | joined


def _weight(words: Iterable[str], rarity: Mapping[str, int]) -> float:
    return sum(1.0 / rarity.get(word, 1) for word in words)


def _counts(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        for word in {singular(w) for w in _words(name)}:
            counts[word] = counts.get(word, 0) + 1
    return counts


def _words(text: str) -> list[str]:
    return [fold(word).replace("’", "'").removesuffix("'s") for word in _WORD.findall(text)]

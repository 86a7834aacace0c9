"""Whether two names mean one thing: decided by the two spellings and types alone, so that the order of documents and
who else is named change nothing.

Promises: pure and symmetric; in doubt it says "different", or "unsure" where meaning or a language model could tell.
``SAME_AS`` holds by itself; ``MAY_BE`` (an initial, a missing legal form) holds while nobody else could be meant, which
readers find out (``actors.aliases.agreeing``).

Held by tests/unit/actors/ingest/test_same.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from actors.aliases import ALIAS, MAY_BE, SAME_AS, Spelling, filed_under, is_person, same, spelling
from actors.names import fold
from actors.ports import GraphEntity, GraphRelation, Support
from actors.typos import close, slips

MAX_NAMES = 5_000  # of one document that are looked at; a larger one is a table of things with keys of their own

Verdict: TypeAlias = Literal["same", "may_be", "unsure", "different"]

_UNSURE = frozenset({"term", "topic", ""})
_FIRM = "organisation"
_RECOGNISED = frozenset({_FIRM, "place", "product", "event", "work"})
_CLEAR_KEY, _CLEAR_WORD = 10, 6


@dataclass(frozen=True, slots=True)
class Named:
    """A name as one document version has it first."""

    entity_id: str
    name: str
    type: str
    support: Support

    @property
    def key(self) -> str:
        return self.entity_id.removeprefix("name:")


def named(entities: Iterable[GraphEntity]) -> list[Named]:
    """Every name of some supports, once a document version, as the first chunk of it spells it."""
    last = {(e.entity_id, e.support): e for e in entities if e.entity_id.startswith("name:")}
    first: dict[tuple[str, str, int], GraphEntity] = {}
    for entity in last.values():
        key = (entity.entity_id, entity.support.document_id, entity.support.version)
        if key not in first or _place(entity.support) < _place(first[key].support):
            first[key] = entity
    return [Named(e.entity_id, e.name, e.type, e.support) for e in first.values()]


def entries(names: Sequence[Named]) -> list[GraphEntity]:
    """The entries of the names' index that these names are filed below, one a document and entry and chunk."""
    lines: dict[tuple[str, Support], list[str]] = {}
    for each in names:
        for alias in filed_under(each.name, each.type):
            lines.setdefault((alias, each.support), []).append(f"{each.entity_id}\t{' '.join(each.name.split())}")
    return [
        GraphEntity(entity_id=alias, type=ALIAS, name="\n".join(sorted(told)), support=support)
        for (alias, support), told in lines.items()
    ]


def verdict(one: Named, other: Named) -> Verdict:
    """What the two spellings tell. "same" and "may_be" are certain enough to be stored."""
    a, b = spelling(one.name, one.type), spelling(other.name, other.type)
    types = [_FIRM if told.legal else each.type for each, told in ((one, a), (other, b))]
    if one.entity_id == other.entity_id or not _types_fit(*types):
        return "different"
    if same(a, b):
        if (a.key, a.legal, a.gender) == (b.key, b.legal, b.gender):
            return "same"
        return "may_be" if a.key == b.key or a.person or b.person else "different"
    if not close(one.key, other.key) or _adjective(one.key, other.key):
        return "different"
    if _may_be_persons(one, other, a, b):
        return "same" if _transliterated(one.name, other.name) else "unsure"
    return "same" if _clear_slip(a.words, b.words) else "unsure"


def relation(one: Named, other: Named, type: str) -> GraphRelation:
    """The edge that says so, the same whichever came first: it goes with either of the two documents."""
    first, last = sorted((one, other), key=lambda each: (each.entity_id, each.support.document_id))
    needed = (last.support.document_id, last.support.version)
    own = needed == (first.support.document_id, first.support.version)
    return GraphRelation(
        from_id=first.entity_id,
        type=type,
        to_id=last.entity_id,
        support=first.support,
        needs=None if own else needed,
    )


def edge_type(told: Verdict) -> str:
    return MAY_BE if told == "may_be" else SAME_AS


def _types_fit(one: str, other: str) -> bool:
    """Whether entities of these types can be one thing. A table's own type ("supplier") fits any but a person's."""
    if "code" in (one, other):
        return False
    if one == other or one in _UNSURE or other in _UNSURE:
        return True
    if is_person(one) or is_person(other):
        return is_person(one) and is_person(other)
    return not (one in _RECOGNISED and other in _RECOGNISED)


def _may_be_persons(one: Named, other: Named, a: Spelling, b: Spelling) -> bool:
    """Whether a slip could as well be another person: "Anna Smith" is no misspelled "Anne Smith"."""
    if a.person or b.person:
        return True
    return one.type in _UNSURE and other.type in _UNSURE and bool(a.initial or b.initial) and len(a.words) <= 3


def _adjective(one: str, other: str) -> bool:
    """ "North American" is of North America, and is not it."""
    return one + "n" == other or other + "n" == one


def _transliterated(one: str, other: str) -> bool:
    """ "Müller" and "Mueller": equal but for how a letter with a mark is written."""
    if one.isascii() == other.isascii():
        return False
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    text = "".join(char for char in fold(name.replace("ß", "ss").replace("ø", "o").replace("Ø", "o")) if char.isalnum())
    for written, letter in (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a")):
        text = text.replace(written, letter)
    return text


def _clear_slip(one: Sequence[str], other: Sequence[str]) -> bool:
    """One slip within one long word, neither at its beginning nor as its ending (which may be another word)."""
    if len(one) != len(other) or min(sum(map(len, one)), sum(map(len, other))) < _CLEAR_KEY:
        return False
    differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(differing) != 1 or slips(*differing[0]) != 1:
        return False
    a, b = sorted(differing[0], key=len)
    return len(a) >= _CLEAR_WORD and a[0] == b[0] and a[-1] == b[-1]


def _place(support: Support) -> tuple[int, str]:
    ordinal = support.chunk_id.rsplit(".", 1)[-1]
    return (int(ordinal) if ordinal.isdigit() else 0, support.chunk_id)

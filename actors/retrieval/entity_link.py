"""Entity linking: the entities that a question's words name, also in another spelling or with a slip of the pen.

In order: the name as it is, and addresses; what is filed below another form of it ("Acme" for "Acme Ltd", "A. Bright"
for Ada Bright, while nobody else could be meant); for words that name nothing else, a name one slip away.
Promises: what is chosen is decided without I/O; at most three bounded reads after another; what is guessed weighs half.

Held by tests/unit/actors/retrieval/test_entity_link.py and tests/integration/test_linking.py.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from actors.aliases import agreeing, sought_under, spelling
from actors.keywords import STOP_WORDS
from actors.names import email_id, emails_in, fold, mentions_in, word_spans
from actors.ports import DocumentScope, Filed, GraphEntity, GraphStore
from actors.typos import SHORTEST, close, slips

IsLive = Callable[[str, int], bool]  # (document_id, version)

_GUESSED = 6  # keys that are looked for with a slip
_GUESS_WORDS, _USUAL_WORDS = 3, 2
_GUESS_SHARE = 0.5
_NAME_WORDS = 4  # of a name that may be filed below another form


@dataclass(frozen=True, slots=True)
class Mention:
    """A run of words that may be a name: its first word, the word after its last, its key, and as it is written."""

    first: int
    after: int
    key: str
    text: str
    opens: bool  # a sentence, where every word has a capital

    @property
    def entity_id(self) -> str:
        return f"name:{self.key}"


@dataclass(frozen=True, slots=True)
class Linked:
    """What the question names: supports that were read, and each entity's share, the rarer the greater."""

    entities: Sequence[GraphEntity]
    seeds: Mapping[str, float]


async def link(
    query: str,
    graph: GraphStore,
    is_live: IsLive,
    *,
    limit: int,
    each: int,
    within: DocumentScope = DocumentScope(),
) -> Linked:
    """At most ``limit`` entities with live supports; at most ``each`` of one are read, of ``within`` alone."""

    async def live(ids: Sequence[str]) -> list[GraphEntity]:
        read = await graph.lookup(ids, each=each, within=within) if ids else ()
        return [entity for entity in read if is_live(entity.support.document_id, entity.support.version)]

    runs = mentions(query)
    addresses = [email_id(address) for address in emails_in(query)]
    exact, filed = await asyncio.gather(live([*candidate_ids(runs), *addresses]), graph.filed(alias_ids(runs)))
    known = counts(exact)
    chosen = named(runs, known)
    other = spelled_otherwise(runs, known, filed)
    guesses = to_guess(runs, chosen, other)
    near = closest(guesses, await graph.near([run.key for run in guesses])) if guesses else {}
    more = [entity for entity in dict.fromkeys([*other, *near]) if entity not in known]
    found = [*exact, *await live(more)]
    known = counts(found)
    shares = {entity: specificity(known[entity]) for entity in (*chosen, *other) if known.get(entity)}
    for entity in near:
        if known.get(entity):
            shares.setdefault(entity, _GUESS_SHARE * specificity(known[entity]))
    for address in addresses:
        if known.get(address):
            shares[address] = specificity(known[address])
    return Linked(found, dict(sorted(shares.items(), key=lambda item: -item[1])[:limit]))


def mentions(query: str) -> list[Mention]:
    """Every run of words that could be a name, longer ones first."""
    spans = word_spans(query)
    return [
        Mention(
            first,
            after,
            key,
            query[spans[first][0] : spans[after - 1][1]],
            not (before := query[: spans[first][0]].rstrip(" \"'(“")) or before.endswith((".", "!", "?", ":")),
        )
        for first, after, key in mentions_in(query)
    ]


def candidate_ids(runs: Sequence[Mention]) -> list[str]:
    """Every entity id that the question's words are as they stand, or without title and legal form."""
    ids = [run.entity_id for run in runs]
    ids += [place for run in runs for place in _sought(run.text) if place.startswith("name:")]
    return list(dict.fromkeys(ids))


def alias_ids(runs: Iterable[Mention]) -> list[str]:
    """The entries of the names' index below which the question's names may be filed."""
    return list(dict.fromkeys(place for run in runs for place in _sought(run.text) if place.startswith("alias:")))


def counts(entities: Iterable[GraphEntity]) -> dict[str, int]:
    """Entity → how many chunks mention it."""
    chunks: dict[str, set[str]] = {}
    for entity in entities:
        chunks.setdefault(entity.entity_id, set()).add(entity.support.chunk_id)
    return {entity: len(them) for entity, them in chunks.items()}


def named(runs: Sequence[Mention], known: Mapping[str, int]) -> dict[str, Mention]:
    """The entities named as they stand. Longer names win: within "New York Times", "New York" is none."""
    taken: set[int] = set()
    found: dict[str, Mention] = {}
    for run in runs:
        if known.get(run.entity_id) and not taken.issuperset(range(run.first, run.after)):
            taken.update(range(run.first, run.after))
            found.setdefault(run.entity_id, run)
    return found


def spelled_otherwise(runs: Sequence[Mention], known: Mapping[str, int], filed: Sequence[Filed]) -> dict[str, Mention]:
    """The entities that go by another form of a name in the question, where the form can mean nothing else."""
    below: dict[str, list[Filed]] = {}
    for each in filed:
        below.setdefault(each.alias_id, []).append(each)
    found: dict[str, Mention] = {}
    longer = [range(run.first, run.after) for run in runs if known.get(run.entity_id)]
    firms = {(run.first, told.key) for run in runs if _sought(run.text) and (told := spelling(run.text)).legal}
    for run in runs:
        if any(run.first in each and run.after - 1 in each and len(each) > run.after - run.first for each in longer):
            continue
        if (run.first, run.key) in firms:  # of "Acme Ltd", "Acme" alone is no name
            continue
        others: dict[str, str] = {}
        for place in _sought(run.text):
            others.update((each.entity_id, each.name) for each in below.get(place, ()))
            if known.get(place):
                others[place] = " ".join(spelling(run.text).words)
        others.pop(run.entity_id, None)
        if others:
            spelled = {entity: spelling(name, "person" if "," in name else "") for entity, name in others.items()}
            for entity in agreeing(spelling(run.text), spelled):
                found.setdefault(entity, run)
    return found


def to_guess(runs: Sequence[Mention], *linked: Mapping[str, Mention]) -> list[Mention]:
    """The runs that may be a misspelled name: not all of whose words name something, and that look like a name."""
    taken = {at for each in linked for run in each.values() for at in range(run.first, run.after)}
    capitals = any(run.text[:1].isupper() and not run.opens for run in runs)
    able = [
        run
        for run in runs
        if run.after - run.first <= _GUESS_WORDS
        and len(run.key) >= SHORTEST
        and not taken.issuperset(range(run.first, run.after))
        and _looks_like_a_name(run, capitals)
    ]
    able.sort(key=lambda run: abs(run.after - run.first - _USUAL_WORDS))
    return sorted(able[:_GUESSED], key=lambda run: run.first - run.after)


def closest(guesses: Sequence[Mention], near: Sequence[str]) -> dict[str, Mention]:
    """Of the names near each guess, the one with the fewest slips; none where two are as near. Longer runs win."""
    taken: set[int] = set()
    found: dict[str, Mention] = {}
    for run in guesses:
        if not taken.isdisjoint(range(run.first, run.after)):
            continue
        keys = [each.removeprefix("name:") for each in near]
        ranked = sorted((slips(run.key, key), key) for key in keys if close(run.key, key))
        if ranked and (len(ranked) == 1 or ranked[0][0] < ranked[1][0]):
            taken.update(range(run.first, run.after))
            found.setdefault(f"name:{ranked[0][1]}", run)
    return found


def specificity(mentions: int) -> float:
    """How much an entity says, by how many chunks name it."""
    return 1.0 / (1.0 + math.log(mentions))


@lru_cache(maxsize=4_096)
def _sought(text: str) -> tuple[str, ...]:
    """Only for runs that are shaped like a name: neither begun nor ended by a word that is none."""
    words = text.split()
    return tuple(sought_under(text)) if len(words) <= _NAME_WORDS and not _edged(words) else ()


def _looks_like_a_name(run: Mention, capitals: bool) -> bool:
    """By its capitals, where the question has any that say something; else only several words are worth a guess."""
    words = run.text.split()
    if _edged(words):
        return False
    if not capitals:
        return len(words) > 1
    return all(word[:1].isupper() for word in words) and not (len(words) == 1 and run.opens)


def _edged(words: Sequence[str]) -> bool:
    return not words or fold(words[0].strip(".,")) in STOP_WORDS - {"a", "i"} or fold(words[-1]) in STOP_WORDS

"""Entity resolution: which names that are known already mean what a document's names mean.

In order: equal normalised names are one entity by their id; then spelling (titles, legal forms, initials, slips); what
spelling leaves unsure is asked of the embedder; what that leaves unsure, of a language model, where there is one.
Promises: bounded reads and asks; every merge is an edge that rests on the two documents it was found between and goes
with either; a model that fails leaves two entities. Names of a document beyond ``MAX_NAMES``, and documents of a known
name beyond the first ``_DOCUMENTS``, are not looked at.

Held by tests/integration/test_resolution.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from actors.aliases import SAME_AS, sought_under
from actors.ingest.same import MAX_NAMES, Named, edge_type, named, relation, verdict
from actors.ports import Embedder, GraphRelation, GraphStore
from actors.typos import halves, probes

ALIKE = 0.94  # cosine of two names' vectors from which they mean one thing: "Return Policy", "Returns Policy" (.98);
# measured over 31 pairs of names one slip apart: the highest of different things is .90
_EMBEDDED, _JUDGED = 64, 12  # pairs of a document that are asked about at the most
_SUPPORTS = 64  # of a known name that are read
_DOCUMENTS = 8

Pair = tuple[Named, Named]


class Judge(Protocol):
    """Says of each pair whether it is one thing. Never raises: what it cannot tell is told apart."""

    async def same(self, pairs: Sequence[Pair]) -> list[bool]: ...


class Resolver:
    """Of one tenant's graph. ``judge`` None: what spelling and meaning leave unsure stays apart."""

    def __init__(self, graph: GraphStore, embedder: Embedder, judge: Judge | None = None) -> None:
        self._graph = graph
        self._embedder = embedder
        self._judge = judge

    async def relations(self, names: Sequence[Named]) -> list[GraphRelation]:
        """The edges between a document version's names, which are in the graph already, and what else is there."""
        mine = {each.entity_id: each for each in names[:MAX_NAMES]}
        found: dict[GraphRelation, None] = {}
        unsure: dict[frozenset[str], Pair] = {}
        for one, other in await self._pairs(mine):
            told = verdict(one, other)
            if told in ("same", "may_be"):
                found[relation(one, other, edge_type(told))] = None
            elif told == "unsure":
                unsure.setdefault(frozenset((_known_as(one), _known_as(other))), (one, other))
        for pair in await self._decided(list(unsure.values())):
            found[relation(*pair, SAME_AS)] = None
        return list(found)

    async def _pairs(self, mine: dict[str, Named]) -> list[Pair]:
        """Each of ``mine`` with every known name that may mean it, once for each document that has that name."""
        candidates = await self._candidates(mine)
        others = sorted({other for them in candidates.values() for other in them})
        known: dict[str, list[Named]] = {}
        versions = {each.support.document_id: each.support.version for each in mine.values()}
        for each in named(await self._graph.lookup(others, each=_SUPPORTS)):
            if versions.get(each.support.document_id, each.support.version) == each.support.version:
                known.setdefault(each.entity_id, []).append(each)
        return [
            (mine[name], each)
            for name, them in candidates.items()
            for other in sorted(them)
            for each in sorted(known.get(other, ()), key=lambda n: n.support.document_id)[:_DOCUMENTS]
        ]

    async def _candidates(self, mine: dict[str, Named]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {name: set() for name in mine}
        seekers: dict[str, list[str]] = {}
        for name, each in mine.items():
            for place in sought_under(each.name, each.type):
                seekers.setdefault(place, []).append(name)
        for place, names in seekers.items():
            if place.startswith("name:"):
                for name in names:
                    found[name].add(place)
        for filed in await self._graph.filed([place for place in seekers if place.startswith("alias:")]):
            for name in seekers[filed.alias_id]:
                found[name].add(filed.entity_id)
        for name, other in await self._near(mine.values()):
            found[name].add(other)
        for name, them in found.items():
            them.discard(name)
        return found

    async def _near(self, names: Iterable[Named]) -> list[tuple[str, str]]:
        by_half: dict[str, list[str]] = {}
        for each in names:
            for half in halves(each.key) or ():
                by_half.setdefault(half, []).append(each.entity_id)
        near = await self._graph.near([each.key for each in names])
        return [
            (name, other)
            for other in near
            for sought in probes(other.removeprefix("name:"))
            for half in sought
            for name in by_half.get(half, ())
        ]

    async def _decided(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Those of the unsure pairs that the embedder or the judge takes for one thing."""
        things = [pair for pair in pairs if not any(each.type == "person" for each in pair)][:_EMBEDDED]
        alike = await self._alike(things)
        left = [pair for pair in pairs if pair not in alike][:_JUDGED]
        if self._judge is None or not left:
            return alike
        said = await self._judge.same(left)
        return [*alike, *(pair for pair, yes in zip(left, said, strict=True) if yes)]

    async def _alike(self, pairs: Sequence[Pair]) -> list[Pair]:
        if not pairs:
            return []
        spelled = list(dict.fromkeys(each.name for pair in pairs for each in pair))
        vectors = np.asarray(await self._embedder.embed_passages(spelled), dtype=np.float64)
        unit = dict(zip(spelled, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), strict=True))
        return [pair for pair in pairs if float(unit[pair[0].name] @ unit[pair[1].name]) >= ALIKE]


def _known_as(each: Named) -> str:
    return f"{each.entity_id}@{each.support.document_id}"

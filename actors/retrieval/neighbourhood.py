"""What has been read of the graph around a question's entities, with the names that mean one thing as one node.

Promises: pure; only live supports count; "may be" merges count while nobody else in what was read could be meant.

Held by tests/unit/actors/retrieval/test_neighbourhood.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from actors.aliases import MAY_BE, SAME_AS, all_same, spelling
from actors.ports import GraphEntity, Hop
from actors.retrieval.entity_link import IsLive, specificity


@dataclass(slots=True)
class Neighbourhood:
    """Node keys: entity ids, and ``chunk:<id>``."""

    is_live: IsLive
    names: dict[str, str] = field(default_factory=dict)
    mentioned: dict[str, set[str]] = field(default_factory=dict)  # entity → chunks
    relations: Counter[tuple[str, str]] = field(default_factory=Counter)
    relation_names: dict[tuple[str, str], str] = field(default_factory=dict)
    beside: dict[str, dict[str, None]] = field(default_factory=dict)  # entity → its neighbours, in reading order
    merges: dict[tuple[str, str], str] = field(default_factory=dict)  # pair → SAME_AS or MAY_BE
    _merged: dict[str, str] | None = field(default=None, init=False)  # until the next hops are read

    def add_entities(self, entities: Iterable[GraphEntity]) -> None:
        for entity in entities:
            if self.is_live(entity.support.document_id, entity.support.version):
                self.names.setdefault(entity.entity_id, entity.name)
                self.mentioned.setdefault(entity.entity_id, set()).add(entity.support.chunk_id)

    def add_hops(self, hops: Iterable[Hop]) -> set[str]:
        """Take over the live edges; returns the entities at their far ends."""
        self._merged = None
        reached: set[str] = set()
        for hop in hops:
            if not self.is_live(hop.document_id, hop.version) or (hop.needs and not self.is_live(*hop.needs)):
                continue
            self.names.setdefault(hop.from_id, hop.from_name)
            self.names.setdefault(hop.to_id, hop.to_name)
            self.relation_names.setdefault((hop.from_id, hop.to_id), hop.relation)
            self.beside.setdefault(hop.from_id, {})[hop.to_id] = None
            self.beside.setdefault(hop.to_id, {})[hop.from_id] = None
            reached.add(hop.to_id)
            if hop.relation in (SAME_AS, MAY_BE):
                pair = (hop.from_id, hop.to_id) if hop.from_id < hop.to_id else (hop.to_id, hop.from_id)
                self.merges[pair] = min(hop.relation, self.merges.get(pair, hop.relation), key=(SAME_AS, MAY_BE).index)
                continue
            self.relations[(hop.from_id, hop.to_id)] += 1
            for end in (hop.from_id, hop.to_id):
                self.mentioned.setdefault(end, set()).add(hop.chunk_id)
        return reached

    def twins(self, entities: Collection[str]) -> set[str]:
        """What means the same as one of ``entities``, as far as has been read."""
        one = self.merged()
        kept = {one.get(entity, entity) for entity in entities}
        return {entity for entity, root in one.items() if root in kept} - set(entities)

    def merged(self) -> Mapping[str, str]:
        """Entity → the one that stands for it and all that mean the same; those that stand alone are left out."""
        if self._merged is None:
            self._merged = self._merge()
        return self._merged

    def _merge(self) -> dict[str, str]:
        sure = [pair for pair, told in self.merges.items() if told == SAME_AS]
        perhaps = [pair for pair, told in self.merges.items() if told == MAY_BE]
        for group in _groups(perhaps):
            if all_same([spelling(self.names[entity]) for entity in sorted(group)]):
                sure += [pair for pair in perhaps if pair[0] in group]
        return {entity: min(group) for group in _groups(sure) for entity in group}

    def edges(self, *, mention_weight: float, relation_weight: float) -> list[tuple[str, str, float]]:
        """Weighted edges among entities and chunks, for PageRank."""
        one = self.merged()
        between: Counter[tuple[str, str]] = Counter()
        for (a, b), count in self.relations.items():
            ends = (one.get(a, a), one.get(b, b))
            if a == b or ends[0] != ends[1]:
                between[ends] += count
        chunks: dict[str, set[str]] = {}
        for entity, named in self.mentioned.items():
            chunks.setdefault(one.get(entity, entity), set()).update(named)
        found = [(a, b, relation_weight * count) for (a, b), count in between.items()]
        for entity, named in chunks.items():
            # A hub's mentions share its weight: 300 chunks that all name the owner say nothing about any of them.
            weight = mention_weight * specificity(len(named))
            found.extend((entity, f"chunk:{chunk}", weight) for chunk in sorted(named))
        return found

    def seeds(self, shares: Mapping[str, float]) -> dict[str, float]:
        """The shares by the entities that :meth:`edges` knows; of several that mean one thing, the greatest."""
        one = self.merged()
        found: dict[str, float] = {}
        for entity, share in shares.items():
            root = one.get(entity, entity)
            found[root] = max(share, found.get(root, 0.0))
        return found

    def mass(self, ranked: Mapping[str, float]) -> dict[str, float]:
        """PageRank's answer with every entity in it, also those that another one stood for."""
        return {**ranked, **{entity: ranked[root] for entity, root in self.merged().items() if root in ranked}}


def _groups(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """What hangs together."""
    of: dict[str, set[str]] = {}
    for a, b in pairs:
        joined = of.get(a, {a}) | of.get(b, {b})
        of.update(dict.fromkeys(joined, joined))
    return list({id(group): group for group in of.values()}.values())

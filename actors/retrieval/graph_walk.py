"""Evidence through the knowledge graph: the question's entities, two hops, and the chunks that their mass falls on.

Promises: bounded round trips (at most five) and nodes; every chunk found says by which path.

Held by tests/unit/actors/retrieval/test_graph_walk.py and tests/integration/test_search.py.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from actors.messages import PathStep
from actors.names import email_id, emails_in, mentions_in
from actors.ports import DocumentScope, GraphEntity, GraphStore, Hop
from actors.retrieval.pagerank import personalised_pagerank

IsLive = Callable[[str, int], bool]  # (document_id, version)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkSettings:
    """Bounds of one walk, and how edges weigh."""

    seeds: int = 12
    frontier: int = 24  # entities expanded in the second hop
    seed_mentions: int = 500  # chunks read per entity that the question names
    reached: int = 40  # entities beyond whose chunks are read
    reached_mentions: int = 15
    hops: int = 600  # edges read per hop: each costs about 30 µs to carry over
    chunks: int = 40
    mention_weight: float = 1.0  # entity - chunk
    relation_weight: float = 0.5  # entity - entity


@dataclass(slots=True)
class _Neighbourhood:
    """What has been read of the graph so far. Node keys: entity ids, and ``chunk:<id>``."""

    names: dict[str, str] = field(default_factory=dict)
    mentioned: dict[str, set[str]] = field(default_factory=dict)  # entity → chunks
    relations: Counter[tuple[str, str]] = field(default_factory=Counter)
    relation_names: dict[tuple[str, str], str] = field(default_factory=dict)
    beside: dict[str, dict[str, None]] = field(default_factory=dict)  # entity → its neighbours, in reading order

    def add_entities(self, entities: Iterable[GraphEntity], is_live: IsLive) -> None:
        for entity in entities:
            if is_live(entity.support.document_id, entity.support.version):
                self.names.setdefault(entity.entity_id, entity.name)
                self.mentioned.setdefault(entity.entity_id, set()).add(entity.support.chunk_id)

    def add_hops(self, hops: Iterable[Hop], is_live: IsLive) -> set[str]:
        """Take over the live edges; returns the entities at their far ends."""
        reached: set[str] = set()
        for hop in hops:
            if not is_live(hop.document_id, hop.version) or (hop.needs and not is_live(*hop.needs)):
                continue
            self.names.setdefault(hop.from_id, hop.from_name)
            self.names.setdefault(hop.to_id, hop.to_name)
            self.relations[(hop.from_id, hop.to_id)] += 1
            self.relation_names.setdefault((hop.from_id, hop.to_id), hop.relation)
            self.beside.setdefault(hop.from_id, {})[hop.to_id] = None
            self.beside.setdefault(hop.to_id, {})[hop.from_id] = None
            for end in (hop.from_id, hop.to_id):
                self.mentioned.setdefault(end, set()).add(hop.chunk_id)
            reached.add(hop.to_id)
        return reached


class Walk:
    """The chunks that a walk reached, most mass first, and the way to each."""

    def __init__(self, near: _Neighbourhood, seeds: dict[str, float], mass: dict[str, float], limit: int) -> None:
        self._near, self._seeds, self._mass = near, seeds, mass
        chunks = sorted(((share, node) for node, share in mass.items() if node.startswith("chunk:")), reverse=True)
        self.chunks: dict[str, float] = {node[6:]: share for share, node in chunks[:limit]}

    def path(self, chunk_id: str) -> tuple[PathStep, ...]:
        """From a seed to the chunk: directly, else over the entity in the chunk that has most mass."""
        inside = [entity for entity, chunks in self._near.mentioned.items() if chunk_id in chunks]
        for entity in sorted(inside, key=lambda node: (-self._seeds.get(node, 0.0), -self._mass.get(node, 0.0))):
            steps = self._steps_to(entity)
            if steps is not None:
                return (*steps, PathStep(from_name=self._near.names[entity], relation="mentioned in", to_name=""))
        return ()

    def _steps_to(self, entity: str) -> list[PathStep] | None:
        """At most two relations from a seed to ``entity``; none when it is one, None when there is no such way."""
        if entity in self._seeds:
            return []
        before = self._near.beside.get(entity, {})
        for seed in self._seeds:
            if seed in before:
                return [self._step(seed, entity)]
        for middle in before:
            for seed in self._seeds:
                if seed in self._near.beside.get(middle, {}):
                    return [self._step(seed, middle), self._step(middle, entity)]
        return None

    def _step(self, one: str, other: str) -> PathStep:
        names, types = self._near.names, self._near.relation_names
        relation = types.get((one, other)) or types.get((other, one), "related to")
        return PathStep(from_name=names[one], relation=relation, to_name=names[other])


async def walk(
    query: str, graph: GraphStore, is_live: IsLive, settings: WalkSettings, within: DocumentScope = DocumentScope()
) -> Walk:
    """Read the neighbourhood of the question's entities and weigh it; empty when it names none that we know.

    ``is_live`` decides what counts; ``within`` only keeps the bounded reads from being filled with other documents.
    """
    near = _Neighbourhood()
    near.add_entities(await graph.lookup(candidate_ids(query), each=settings.seed_mentions, within=within), is_live)
    seeds = choose_seeds(query, {entity: len(chunks) for entity, chunks in near.mentioned.items()}, settings.seeds)
    if not seeds:
        return Walk(near, {}, {}, settings.chunks)
    first = near.add_hops(await graph.hops(sorted(seeds), limit=settings.hops, within=within), is_live)
    frontier = _strongest(near, seeds, first - seeds.keys(), settings.frontier)
    if frontier:
        near.add_hops(await graph.hops(frontier, limit=settings.hops, within=within), is_live)
        mass = personalised_pagerank(_edges(near, settings), seeds)
        reached = [node for node in near.names if node not in seeds]
        reached.sort(key=lambda node: -mass.get(node, 0.0))
        found = await graph.lookup(reached[: settings.reached], each=settings.reached_mentions, within=within)
        near.add_entities(found, is_live)
    return Walk(near, seeds, personalised_pagerank(_edges(near, settings), seeds), settings.chunks)


def candidate_ids(query: str) -> list[str]:
    """Every entity id that the question's words could mean."""
    names = dict.fromkeys(f"name:{key}" for _, _, key in mentions_in(query))
    return [*names, *dict.fromkeys(email_id(address) for address in emails_in(query))]


def choose_seeds(query: str, known: dict[str, int], limit: int) -> dict[str, float]:
    """The entities that the question names, rarer ones with the greater share.

    ``known``: entity → how many chunks mention it. Longer names win: within "New York Times", "New York" is none.
    """
    taken: set[int] = set()
    seeds: dict[str, float] = {}
    for first, after, key in mentions_in(query):
        entity = f"name:{key}"
        if known.get(entity) and not taken.issuperset(range(first, after)):
            taken.update(range(first, after))
            seeds.setdefault(entity, _specificity(known[entity]))
    for address in emails_in(query):
        if known.get(email_id(address)):
            seeds[email_id(address)] = _specificity(known[email_id(address)])
    return dict(sorted(seeds.items(), key=lambda item: -item[1])[:limit])


def _specificity(mentions: int) -> float:
    return 1.0 / (1.0 + math.log(mentions))


def _strongest(near: _Neighbourhood, seeds: dict[str, float], reached: set[str], limit: int) -> list[str]:
    """The neighbours with most edges to rare seeds."""
    pull: Counter[str] = Counter()
    for (one, other), count in near.relations.items():
        for seed, end in ((one, other), (other, one)):
            if seed in seeds and end in reached:
                pull[end] += seeds[seed] * count  # type: ignore[assignment]  # Counter of floats
    return [entity for entity, _ in pull.most_common(limit)]


def _edges(near: _Neighbourhood, settings: WalkSettings) -> list[tuple[str, str, float]]:
    edges = [(one, other, settings.relation_weight * count) for (one, other), count in near.relations.items()]
    for entity, chunks in near.mentioned.items():
        # A hub's mentions share its weight: 300 chunks that all name the owner say nothing about any of them.
        weight = settings.mention_weight * _specificity(len(chunks))
        edges.extend((entity, f"chunk:{chunk}", weight) for chunk in sorted(chunks))
    return edges

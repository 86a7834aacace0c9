"""Evidence through the knowledge graph: the question's entities, two hops, and the chunks that their mass falls on.

Promises: bounded round trips (at most seven) and nodes; every chunk found says by which path.

Held by tests/unit/actors/retrieval/test_neighbourhood.py, tests/integration/test_linking.py and
tests/integration/test_search.py.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from actors.messages import PathStep
from actors.ports import DocumentScope, GraphStore
from actors.retrieval.entity_link import IsLive, link
from actors.retrieval.neighbourhood import Neighbourhood
from actors.retrieval.pagerank import personalised_pagerank


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


class Walk:
    """The chunks that a walk reached, most mass first, and the way to each."""

    def __init__(self, near: Neighbourhood, seeds: dict[str, float], mass: dict[str, float], limit: int) -> None:
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
    near = Neighbourhood(is_live)
    linked = await link(query, graph, is_live, limit=settings.seeds, each=settings.seed_mentions, within=within)
    near.add_entities(linked.entities)
    seeds = dict(linked.seeds)
    if not seeds:
        return Walk(near, {}, {}, settings.chunks)
    first = near.add_hops(await graph.hops(sorted(seeds), limit=settings.hops, within=within))
    twins = sorted(near.twins(seeds))
    frontier = _strongest(near, seeds, first - seeds.keys() - set(twins), settings.frontier)
    if frontier or twins:
        if twins:
            near.add_entities(await graph.lookup(twins, each=settings.seed_mentions, within=within))
        near.add_hops(await graph.hops([*twins, *frontier], limit=settings.hops, within=within))
        mass = _ranked(near, seeds, settings)
        reached = [node for node in near.names if node not in seeds and node not in twins]
        reached.sort(key=lambda node: -mass.get(node, 0.0))
        found = await graph.lookup(reached[: settings.reached], each=settings.reached_mentions, within=within)
        near.add_entities(found)
    return Walk(near, seeds, _ranked(near, seeds, settings), settings.chunks)


def _ranked(near: Neighbourhood, seeds: dict[str, float], settings: WalkSettings) -> dict[str, float]:
    edges = near.edges(mention_weight=settings.mention_weight, relation_weight=settings.relation_weight)
    return near.mass(personalised_pagerank(edges, near.seeds(seeds)))


def _strongest(near: Neighbourhood, seeds: dict[str, float], reached: set[str], limit: int) -> list[str]:
    """The neighbours with most edges to rare seeds."""
    pull: Counter[str] = Counter()
    for (one, other), count in near.relations.items():
        for seed, end in ((one, other), (other, one)):
            if seed in seeds and end in reached:
                pull[end] += seeds[seed] * count  # type: ignore[assignment]  # Counter of floats
    return [entity for entity, _ in pull.most_common(limit)]

"""A removal leaves the graph as if what was removed had never been put."""

from __future__ import annotations

import random

import pytest

from actors.ports import GraphEntity, GraphRelation, Support
from actors.stores.bolt_graph import Bolt, BoltGraph

pytestmark = pytest.mark.graph_servers("arcadedb", "neo4j")
NAMES = [f"name:{n}" for n in range(12)]


def document(name: str, chance: random.Random) -> tuple[list[GraphEntity], list[GraphRelation]]:
    """A made-up document over names that other documents use too."""
    entities, relations = [], []
    for chunk in range(chance.randrange(1, 6)):
        by = Support(document_id=name, version=chance.choice([1, 1, 2]), chunk_id=f"c{chunk}")
        for named in chance.sample(NAMES, chance.randrange(0, 5)):
            spelling = chance.choice([named.upper(), named.title(), named])
            kind = chance.choice(["person", "place"])
            entities.append(
                GraphEntity(
                    entity_id=named, type=kind, name=spelling, support=by, properties={"n": chance.randrange(9)}
                )
            )
        for _ in range(chance.randrange(0, 5)):
            a, b = chance.choice(NAMES), chance.choice(NAMES)
            relations.append(GraphRelation(from_id=a, type=chance.choice(["knows", "owes"]), to_id=b, support=by))
    return entities, relations


async def everything(graph: BoltGraph) -> tuple[object, ...]:
    """All that readers can see of a graph over ``NAMES``."""
    supports = await graph.lookup(NAMES)
    hops = await graph.hops(NAMES, limit=100_000)
    persons = await graph.by_type("person")
    return (
        sorted((e.entity_id, str(e.support), e.type, e.name, str(e.properties)) for e in supports),
        sorted(str(hop) for hop in hops),
        sorted((e.entity_id, str(e.support)) for e in persons),
        sorted(str(by) for by in await graph.mentions(NAMES, limit=100_000)),
    )


@pytest.mark.parametrize("seed", range(6))
async def test_putting_two_and_deleting_one_equals_putting_the_other_alone(graphs: Bolt, seed: int) -> None:
    chance = random.Random(seed)
    first, second = document("a", chance), document("b", chance)
    both, alone = graphs.bound(f"removal_{seed}_both"), graphs.bound(f"removal_{seed}_alone")
    order = [first, second] if seed % 2 else [second, first]
    try:
        for entities, relations in order:
            await both.put(entities, relations)
        await alone.put(*second)
        await both.delete_version("a", 1)
        await both.delete_version("a", 2)
        assert await everything(both) == await everything(alone)
        for version in (1, 2):
            assert await both.count("b", version) == await alone.count("b", version)
            assert await both.count("a", version) == (0, 0)
    finally:
        dropped = [await both.drop(), await alone.drop()]
    assert dropped[0] == dropped[1], "something of the removed document was left behind"

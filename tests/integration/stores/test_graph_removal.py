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
        for named in chance.sample(NAMES, chance.randrange(1, 5)):
            spelling = chance.choice([named.upper(), named.title(), named])
            kind = chance.choice(["person", "place"])
            entities.append(
                GraphEntity(
                    entity_id=named, type=kind, name=spelling, support=by, properties={"n": chance.randrange(9)}
                )
            )
        for _ in range(chance.randrange(0, 5)):
            a, b = chance.choice(NAMES), chance.choice(NAMES)
            needs = chance.choice([None, None, ("a", 1), ("b", 1)])
            kind = chance.choice(["knows", "owes"])
            relations.append(GraphRelation(from_id=a, type=kind, to_id=b, support=by, needs=needs))
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


async def nodes_and_edges(graphs: Bolt, tenant: str) -> set[tuple[str, ...]]:
    """What readers do not see: which chunks begin relations, and which documents are needed for which."""
    rows = await graphs.read(
        "MATCH (a)-[r]->(b) WHERE a.tenant = $tenant RETURN a.id AS a, type(r) AS type, b.id AS b", {"tenant": tenant}
    )
    return {(row["a"], row["type"], row["b"]) for row in rows}


@pytest.mark.parametrize("seed", range(10))
async def test_putting_two_and_deleting_one_equals_putting_the_other_alone(graphs: Bolt, seed: int) -> None:
    chance = random.Random(seed)
    first, second = document("a", chance), document("b", chance)
    both, alone = graphs.bound(f"removal_{seed}_both"), graphs.bound(f"removal_{seed}_alone")
    order = [first, second] if seed % 2 else [second, first]
    try:
        for entities, relations in order:
            await both.put(entities, relations)
        kept = [each for each in second[1] if each.needs is None or each.needs[0] != "a"]
        await alone.put(second[0], kept)
        await both.delete_version("a", 1)
        await both.delete_version("a", 2)
        assert await everything(both) == await everything(alone)
        assert await nodes_and_edges(graphs, f"removal_{seed}_both") == await nodes_and_edges(
            graphs, f"removal_{seed}_alone"
        )
        for version in (1, 2):
            assert await both.count("b", version) == await alone.count("b", version)
            assert await both.count("a", version) == (0, 0)
    finally:
        dropped = [await both.drop(), await alone.drop()]
    assert dropped[0] == dropped[1], "something of the removed document was left behind"


async def test_relations_of_many_chunks_that_need_one_document_go_without_a_trace(graphs: Bolt) -> None:
    graph = graphs.bound("removal_many")
    try:
        by = [Support(document_id="b", version=1, chunk_id=f"c{n}") for n in range(120)]
        await graph.put([GraphEntity(entity_id="name:hub", type="person", name="Hub", support=each) for each in by], [])
        before = await nodes_and_edges(graphs, "removal_many")
        edges = [
            GraphRelation(from_id="name:hub", type="knows", to_id="name:a", support=each, needs=("a", 1)) for each in by
        ]
        support = Support(document_id="a", version=1, chunk_id="c0")
        await graph.put([GraphEntity(entity_id="name:a", type="person", name="A", support=support)], edges)
        assert await graph.delete_version("a", 1) == (1, 120)
        assert await nodes_and_edges(graphs, "removal_many") == before
    finally:
        await graph.drop()

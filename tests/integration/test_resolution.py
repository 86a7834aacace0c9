"""Names that mean one thing are joined in the graph, on the real stores and models; what only seems so is not."""

from __future__ import annotations

import pytest
from ingest_works import Works

from actors.names import name_id
from runtime.ids import new_id


async def edges(works: Works) -> set[tuple[str, str, str]]:
    """Every merge in the tenant's graph: its type and both names' ids."""
    rows = await works.bolt.read(
        "MATCH (a:Entity)-[r:RELATES_TO]->(b:Entity) WHERE a.tenant = $tenant AND r.type IN ['same_as', 'may_be'] "
        "RETURN a.id AS a, r.type AS type, b.id AS b",
        {"tenant": works.tenant},
    )
    return {(row["type"], *sorted((row["a"], row["b"]))) for row in rows}


def edge(type: str, one: str, other: str) -> tuple[str, str, str]:
    return (type, *sorted((name_id(one), name_id(other))))  # type: ignore[return-value]


def about(name: str) -> bytes:
    return f"In spring a large order went out. It was {name} who sent it to Bristol by rail.\n".encode()


MERGES = [
    ("same_as", "Harbour Lights Ltd", "Harbour Lights Limited"),
    ("may_be", "Westbrook Foods Ltd", "Westbrook Foods"),
    ("may_be", "A. Bright", "Ada Bright"),
    ("may_be", "Ada M. Bright", "Ada Bright"),
    ("same_as", "Northern Star Freight Ltd", "Northern Star Frieght Ltd"),  # by spelling
]


@pytest.mark.parametrize(("type", "one", "other"), MERGES, ids=[f"{a} - {b}" for _, a, b in MERGES])
async def test_two_spellings_of_one_thing_are_joined_until_one_is_deleted(
    works: Works, type: str, one: str, other: str
) -> None:
    await works.ingest("d1", "a.txt", about(one))
    assert await edges(works) == set()
    await works.ingest("d2", "b.txt", about(other))
    assert await edges(works) == {edge(type, one, other)}
    await works.ingest("d3", "c.txt", about(other))
    await works.delete("d2")
    assert await edges(works) == {edge(type, one, other)}  # the third document says it as well
    await works.delete("d3")
    assert await edges(works) == set()


APART = [
    ("Harbour Lights Ltd", "Harbour Lights GmbH"),
    ("Harbour Lights Ltd", "Harbour Lamps Ltd"),
    ("Margaret Oakley", "Margot Oakley"),
    ("Anna Smithson", "Anne Smithson"),
    ("Oliver Grant", "Hugh Grant"),
]


@pytest.mark.parametrize(("one", "other"), APART, ids=[f"{a} - {b}" for a, b in APART])
async def test_two_things_with_much_in_common_stay_apart(works: Works, one: str, other: str) -> None:
    await works.ingest("d1", "a.txt", about(one))
    await works.ingest("d2", "b.txt", about(other))
    assert {name_id(one), name_id(other)} <= {
        e.entity_id for e in await works.graph.lookup([name_id(one), name_id(other)])
    }
    assert await edges(works) == set()


async def test_what_spelling_leaves_unsure_is_joined_by_meaning(works: Works) -> None:
    await works.ingest("d1", "a.txt", b"Everybody signs the Returns Policy at the door.\n")
    await works.ingest("d2", "b.txt", b"Nobody has read the Return Policy this year.\n")
    assert await edges(works) == {edge("same_as", "Returns Policy", "Return Policy")}
    await works.delete("d1")
    assert await edges(works) == set()


async def test_the_order_of_documents_makes_no_difference(works: Works) -> None:
    names = ["Westbrook Foods Ltd", "Westbrook Foods Limited", "Westbrook Foods", "Westbrook Foods GmbH"]
    other = works.of(new_id("t"))
    try:
        for number, name in enumerate(names):
            await works.ingest(f"d{number}", "a.txt", about(name))
        for number, name in reversed(list(enumerate(names))):
            await other.ingest(f"d{number}", "a.txt", about(name))
        assert (await works.everything())["graph"] == (await other.everything())["graph"]
    finally:
        await other.drop()


async def test_merges_of_one_tenant_do_not_reach_another(works: Works) -> None:
    other = works.of(new_id("t"))
    try:
        await works.ingest("d1", "a.txt", about("Harbour Lights Ltd"))
        await other.ingest("d2", "b.txt", about("Harbour Lights Limited"))
        assert await edges(works) == await edges(other) == set()
    finally:
        await other.drop()

"""What the graph port promises, on every server that it is meant for: the embedded ArcadeDB and Neo4j 5."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actors.ports import DocumentScope, GraphEntity, GraphRelation, Hop, Scalar, Support
from actors.stores.bolt_graph import Bolt, BoltGraph
from cluster.embedded.arcadedb import ArcadeDb
from runtime.errors import Terminal, Unavailable

if TYPE_CHECKING:
    from tests.integration.conftest import GraphServer

pytestmark = pytest.mark.graph_servers("arcadedb", "neo4j")


def support(document: str = "doc_a", version: int = 1, chunk: str = "c1") -> Support:
    return Support(document_id=document, version=version, chunk_id=chunk)


def entity(id: str, by: Support, *, name: str = "", type: str = "person", **properties: Scalar) -> GraphEntity:
    return GraphEntity(entity_id=id, type=type, name=name or id.split(":")[-1], support=by, properties=properties)


def relation(a: str, type: str, b: str, by: Support, needs: tuple[str, int] | None = None) -> GraphRelation:
    return GraphRelation(from_id=a, type=type, to_id=b, support=by, needs=needs)


def ends(hops: Sequence[Hop]) -> set[tuple[str, str, str]]:
    return {(hop.from_id, hop.relation, hop.to_id) for hop in hops}


async def test_a_blank_tenant_answers_with_nothing(graph: BoltGraph) -> None:
    assert await graph.lookup(["name:x"]) == []
    assert await graph.by_type("person") == []
    assert await graph.hops(["name:x"]) == []
    assert await graph.mentions(["name:x"]) == []
    assert await graph.count("doc_a", 1) == (0, 0)
    assert await graph.delete_version("doc_a", 1) == (0, 0)
    assert await graph.drop() == (0, 0)


async def test_what_is_put_is_told_back_per_support(graph: BoltGraph) -> None:
    first = entity("row:order:7", support(chunk="c1"), type="order", name="7", total=12.5, note=None, status='späť "x"')
    second = entity("row:order:7", support("doc_b", chunk="c9"), type="order", name="no. 7", status="sent")
    await graph.put([first, second], [])
    assert sorted(await graph.lookup(["row:order:7"]), key=lambda e: e.support.document_id) == [first, second]
    assert sorted(await graph.by_type("order"), key=lambda e: e.support.document_id) == [first, second]
    assert await graph.by_type("person") == []
    assert set(await graph.mentions(["row:order:7"])) == {first.support, second.support}


async def test_putting_the_same_again_changes_nothing(graph: BoltGraph) -> None:
    entities = [entity("email:a@x", support()), entity("row:order:1", support(), type="order")]
    relations = [relation("row:order:1", "customer_email", "email:a@x", support())]
    for _ in range(3):
        await graph.put([*entities, *entities], [*relations, *relations])
    assert await graph.count("doc_a", 1) == (2, 1)
    assert len(await graph.lookup(["email:a@x"])) == 1
    assert len(await graph.hops(["email:a@x"])) == 1


async def test_hops_are_told_from_the_given_entity_in_either_direction(graph: BoltGraph) -> None:
    await graph.put(
        [entity("email:a@x", support(), name="Ann"), entity("row:order:1", support(), name="1", type="order")],
        [relation("row:order:1", "customer_email", "email:a@x", support(chunk="c2"), needs=("doc_b", 3))],
    )
    (forth,) = await graph.hops(["row:order:1"])
    assert forth == Hop(
        from_id="row:order:1",
        from_name="1",
        relation="customer_email",
        to_id="email:a@x",
        to_name="Ann",
        to_type="person",
        document_id="doc_a",
        version=1,
        chunk_id="c2",
        needs=("doc_b", 3),
    )
    (back,) = await graph.hops(["email:a@x"])
    assert (back.from_id, back.from_name, back.to_id, back.to_type) == ("email:a@x", "Ann", "row:order:1", "order")


async def test_hops_can_be_narrowed_to_relations(graph: BoltGraph) -> None:
    by = support()
    await graph.put([], [relation("name:a", "knows", "name:b", by), relation("name:a", "owes", "name:c", by)])
    assert ends(await graph.hops(["name:a"], relations=["owes"])) == {("name:a", "owes", "name:c")}
    assert await graph.hops(["name:a"], relations=[]) == []
    assert len(await graph.hops(["name:a"])) == 2


async def test_an_edge_to_itself_is_told_once(graph: BoltGraph) -> None:
    await graph.put([], [relation("name:a", "knows", "name:a", support())])
    assert ends(await graph.hops(["name:a"])) == {("name:a", "knows", "name:a")}
    assert len(await graph.hops(["name:a"])) == 1


async def test_each_support_of_a_relation_is_an_edge_of_its_own(graph: BoltGraph) -> None:
    await graph.put([], [relation("name:a", "knows", "name:b", support(document)) for document in ("doc_a", "doc_b")])
    assert {hop.document_id for hop in await graph.hops(["name:a"])} == {"doc_a", "doc_b"}
    await graph.delete_version("doc_a", 1)
    assert [hop.document_id for hop in await graph.hops(["name:a"])] == ["doc_b"]


async def test_deleting_a_version_removes_exactly_what_only_it_supported(graph: BoltGraph) -> None:
    await graph.put(
        [
            entity("name:shared", support("doc_a"), name="A's word"),
            entity("name:shared", support("doc_b"), name="B's word", type="place"),
            entity("name:only a", support("doc_a")),
            entity("name:only b", support("doc_b")),
        ],
        [
            relation("name:only a", "knows", "name:shared", support("doc_a")),
            relation("name:only b", "knows", "name:shared", support("doc_b")),
        ],
    )
    assert await graph.delete_version("doc_a", 1) == (1, 1)
    assert await graph.delete_version("doc_a", 1) == (0, 0)
    assert await graph.lookup(["name:only a"]) == []
    assert [e.name for e in await graph.lookup(["name:shared"])] == ["B's word"]
    (hop,) = await graph.hops(["name:only b"])
    assert (hop.to_id, hop.to_name, hop.to_type) == ("name:shared", "B's word", "place")
    assert [e.entity_id for e in await graph.by_type("place")] == ["name:shared"]
    assert [e.entity_id for e in await graph.by_type("person")] == ["name:only b"]


async def test_a_relation_goes_with_the_version_that_it_needs(graph: BoltGraph) -> None:
    await graph.put(
        [entity("row:order:1", support("orders"), type="order"), entity("row:customer:2", support("people"))],
        [relation("row:order:1", "customer", "row:customer:2", support("orders"), needs=("people", 1))],
    )
    assert await graph.delete_version("people", 1) == (1, 1)
    assert await graph.hops(["row:order:1"]) == []
    assert len(await graph.lookup(["row:order:1"])) == 1
    assert await graph.count("orders", 1) == (1, 0)


async def test_an_entity_that_another_document_still_relates_to_is_kept_bare(graph: BoltGraph) -> None:
    await graph.put([entity("name:x", support("doc_a"))], [])
    await graph.put([], [relation("name:y", "knows", "name:x", support("doc_b"))])
    await graph.delete_version("doc_a", 1)
    assert await graph.lookup(["name:x"]) == []
    assert ends(await graph.hops(["name:x"])) == {("name:x", "knows", "name:y")}
    await graph.delete_version("doc_b", 1)
    assert await graph.drop() == (0, 0)


async def test_versions_of_one_document_are_apart(graph: BoltGraph) -> None:
    await graph.put([entity("name:x", support(version=1), name="old")], [])
    await graph.put([entity("name:x", support(version=2), name="new")], [])
    assert await graph.count("doc_a", 1) == await graph.count("doc_a", 2) == (1, 0)
    await graph.delete_version("doc_a", 1)
    assert [e.name for e in await graph.lookup(["name:x"])] == ["new"]


async def test_a_large_version_is_removed_whole(graph: BoltGraph) -> None:
    entities = [entity(f"row:order:{n}", support(chunk=f"c{n // 5}"), type="order") for n in range(1_200)]
    relations = [
        relation(f"row:order:{n}", "customer_email", f"email:{n % 7}@x", support(chunk=f"c{n // 5}"))
        for n in range(1_200)
    ]
    await graph.put(entities, relations)
    assert await graph.count("doc_a", 1) == (1_200, 1_200)
    assert await graph.delete_version("doc_a", 1) == (1_207, 1_200)
    assert await graph.drop() == (0, 0)


async def test_a_hub_does_not_crowd_out_the_others(graph: BoltGraph) -> None:
    await graph.put(
        [],
        [
            *(relation("name:hub", "knows", f"name:{n}", support(chunk=f"c{n}")) for n in range(300)),
            relation("name:small", "knows", "name:1", support()),
        ],
    )
    found = await graph.hops(["name:hub", "name:small"], limit=40)
    assert len(found) <= 40
    assert {hop.from_id for hop in found} == {"name:hub", "name:small"}


async def test_two_tenants_never_see_each_other(graphs: Bolt) -> None:
    mine, other = graphs.bound("graph_isolation_a"), graphs.bound("graph_isolation_b")
    for store, name in ((mine, "mine"), (other, "other")):
        await store.put([entity("name:x", support(), name=name)], [relation("name:x", name, "name:y", support())])
    assert [e.name for e in await mine.lookup(["name:x"])] == ["mine"]
    assert [e.name for e in await mine.by_type("person")] == ["mine"]
    assert [hop.relation for hop in await mine.hops(["name:y"])] == ["mine"]
    assert await mine.delete_version("doc_a", 1) == (2, 1)
    assert await other.count("doc_a", 1) == (1, 1)
    assert await other.drop() == (2, 1)


async def test_writers_of_the_same_new_entities_all_succeed(graph: BoltGraph) -> None:
    async def ingest(document: int) -> None:
        by = support(f"doc_{document}")
        shared = [entity(f"name:{n}", by) for n in range(40)]
        await graph.put(shared, [relation(f"name:{n}", "knows", "name:hub", by) for n in range(40)])

    async with asyncio.TaskGroup() as group:
        for document in range(6):
            group.create_task(ingest(document))
    assert [await graph.count(f"doc_{document}", 1) for document in range(6)] == [(40, 40)] * 6
    assert len(await graph.lookup(["name:3"])) == 6
    async with asyncio.TaskGroup() as group:
        for document in range(6):
            group.create_task(graph.delete_version(f"doc_{document}", 1))
    assert await graph.drop() == (0, 0)


async def test_committed_writes_survive_a_kill_of_the_server(tmp_path: Path) -> None:
    server = ArcadeDb(tmp_path)
    await server.start()
    bolt = Bolt(uri=server.uri, user=server.user, password=server.password, database=server.database)
    try:
        await bolt.prepare()
        graph = bolt.bound("kept")
        await graph.put([entity("name:x", support())], [relation("name:x", "knows", "name:y", support())])
        first = server.child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await server.child.died()
        await server.child.wait_ready(60)
        assert len(await graph.lookup(["name:x"])) == 1
        assert len(await graph.hops(["name:x"])) == 1
        await graph.put([entity("name:x", support(version=2))], [])
        assert len(await graph.lookup(["name:x"])) == 2
    finally:
        await bolt.close()
        await server.close()


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    bolt = Bolt(uri="bolt://127.0.0.1:9", user="root", password="x")
    try:
        with pytest.raises(Unavailable):
            await bolt.bound("nobody").lookup(["name:x"])
    finally:
        await bolt.close()


async def test_wrong_credentials_say_so(graph_server: GraphServer) -> None:
    bolt = Bolt(uri=graph_server.uri, user=graph_server.user, password="not the password")
    try:
        with pytest.raises(Terminal, match="credentials"):
            await bolt.bound("nobody").lookup(["name:x"])
    finally:
        await bolt.close()


async def test_a_lookup_may_be_bounded_per_entity(graph: BoltGraph) -> None:
    def named(entity: str, number: int) -> GraphEntity:
        support = Support(document_id="d", version=1, chunk_id=f"d.1.{number}")
        return GraphEntity(entity_id=entity, type="thing", name=entity, support=support)

    await graph.put([named("name:hub", n) for n in range(9)] + [named("name:rare", 1)], [])
    found = [entity.entity_id for entity in await graph.lookup(["name:hub", "name:rare", "name:none"], each=3)]
    assert sorted(found) == ["name:hub"] * 3 + ["name:rare"]


async def test_a_bounded_read_is_filled_from_the_documents_it_may_touch(graph: BoltGraph) -> None:
    def support(number: int) -> Support:
        return Support(document_id=f"d{number}", version=1, chunk_id=f"d{number}.1.0")

    entities = [
        GraphEntity(entity_id=name, type="thing", name=name, support=support(n))
        for n in range(6)
        for name in ("name:hub", "name:end")
    ]
    edges = [GraphRelation(from_id="name:hub", type="by", to_id="name:end", support=support(n)) for n in range(6)]
    await graph.put(entities, edges)
    for within, expected in (
        (DocumentScope(only=frozenset({"d4"})), {"d4"}),
        (DocumentScope(never=frozenset({"d0", "d1", "d2", "d4", "d5"})), {"d3"}),
        (DocumentScope(only=frozenset()), set()),
    ):
        found = await graph.lookup(["name:hub"], each=1, within=within)
        assert {entity.support.document_id for entity in found} == expected
        assert {hop.document_id for hop in await graph.hops(["name:hub"], limit=1, within=within)} == expected


@pytest.mark.parametrize("letter", ["x", "ß", "漢", "🙂"])
async def test_names_of_the_greatest_length_are_kept_whole(graphs: Bolt, letter: str) -> None:
    graph = graphs.bound("t" * 40)
    name, by = f"name:{letter * 1_995}", support(document=letter * 256, chunk=letter * 64)
    try:
        await graph.put([entity(name, by), entity("name:y", by)], [relation(name, letter * 64, "name:y", by)])
        assert [hop.to_id for hop in await graph.hops(["name:y"])] == [name]
        assert (await graph.lookup([name]))[0].support == by
        assert await graph.count(by.document_id, 1) == (2, 1)
        assert await graph.delete_version(by.document_id, 1) == (2, 1)
    finally:
        assert await graph.drop() == (0, 0)


def filed(alias: str, by: Support, *lines: tuple[str, str]) -> GraphEntity:
    name = "\n".join("\t".join(line) for line in lines)
    return GraphEntity(entity_id=alias, type="alias", name=name, support=by)


async def test_names_are_found_below_what_they_are_filed_under(graph: BoltGraph) -> None:
    ltd, limited = ("name:acmeltd", "Acme Ltd"), ("name:acmelimited", "Acme Limited")
    await graph.put([filed("alias:core:acme", support("doc_a"), ltd, limited)], [])
    await graph.put([filed("alias:core:acme", support("doc_b"), ltd)], [])
    expected = {("alias:core:acme", *ltd), ("alias:core:acme", *limited)}
    found = await graph.filed(["alias:core:acme", "alias:core:none"])
    assert {(each.alias_id, each.entity_id, each.name) for each in found} == expected
    assert await graph.count("doc_a", 1) == (0, 0)  # entries are no entities
    await graph.delete_version("doc_a", 1)
    assert [each.entity_id for each in await graph.filed(["alias:core:acme"])] == ["name:acmeltd"]
    await graph.delete_version("doc_b", 1)
    assert await graph.filed(["alias:core:acme"]) == []


async def test_a_misspelled_name_is_near_the_right_one_and_near_nothing_of_another_tenant(
    graph: BoltGraph, graphs: Bolt, tenant: str
) -> None:
    await graph.put(
        [entity("name:margaretoakley", support()), entity("name:benjamincole", support())],
        [relation("name:margaretoakley", "knows", "name:northernstar", support())],
    )
    for typed in ("margretoakley", "margarettoakley", "margaretoakly", "nargaretoakley"):
        assert "name:margaretoakley" in await graph.near([typed])
        assert await graphs.bound(f"{tenant}x").near([typed]) == []
    assert await graph.near(["northernstat"]) == ["name:northernstar"]
    assert await graph.near(["zzzzzzzzz", "ben"]) == []
    await graph.delete_version("doc_a", 1)
    assert await graph.near(["margretoakley"]) == []

"""What is asked of Neo4j alone: how it means to run each statement, that it says nothing, and that it may be killed."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from typing import Any

import neo4j
import pytest

from actors.ports import GraphEntity, Support
from actors.stores import graph_statements as cypher
from actors.stores.bolt_graph import Bolt, BoltGraph
from cluster.servers.neo4j import Neo4j

pytestmark = pytest.mark.graph_servers("neo4j")
# Every parameter of every statement; what they hold does not matter to a plan.
PARAMETERS: dict[str, Any] = {
    "tenant": "t", "ids": [], "rows": [], "limit": 5, "each": 5, "documents": [], "kind": "k", "relations": [],
    "source": "s", "chunks": [], "version_key": "v", "bare": "b",
}  # fmt: skip


def _statements() -> Iterator[tuple[str, str]]:
    """What the module defines, by name: text, tables of text, and several of either."""
    for name, value in vars(cypher).items():
        if name.isupper() and not name.startswith("_") and name not in ("PREPARE", "SCOPES"):
            yield from _told(name, value)


def _told(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, cypher.Table):
        yield name, value.statement
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _told(f"{name}[{key}]", each)
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _told(f"{name}[{number}]", each)


STATEMENTS = dict(_statements())


async def test_every_statement_begins_in_an_index(neo4j_server: Neo4j, graphs: Bolt) -> None:
    """And never looks at every tenant's nodes or edges."""
    assert len(STATEMENTS) > 30
    scans = {}
    async with neo4j.AsyncGraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password), notifications_min_severity="OFF"
    ) as driver:
        for name, statement in STATEMENTS.items():
            _, summary, _ = await driver.execute_query(f"EXPLAIN {statement}", PARAMETERS, database_="neo4j")
            if found := [step for step in _steps(summary.plan) if "Scan" in step]:
                scans[name] = found
    assert scans == {}


async def test_nothing_is_logged_of_properties_that_no_row_has_yet(
    graph: BoltGraph, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await graph.lookup(["name:x"], each=3)
        await graph.hops(["name:x"])
    assert [record for record in caplog.records if record.name.startswith("neo4j")] == []


async def test_a_routing_address_reaches_it_too(neo4j_server: Neo4j) -> None:
    routing = neo4j_server.uri.replace("bolt://", "neo4j://")
    bolt = Bolt(uri=routing, user=neo4j_server.user, password=neo4j_server.password)
    await bolt.reach()
    assert await bolt.bound("nobody").lookup(["name:x"]) == []
    await bolt.close()


async def test_the_client_goes_on_with_what_was_committed_after_a_kill(neo4j_server: Neo4j, graph: BoltGraph) -> None:
    by = Support(document_id="d", version=1, chunk_id="c")
    await graph.put([GraphEntity(entity_id="name:x", type="thing", name="x", support=by)], [])
    first = neo4j_server.child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await neo4j_server.child.died()
    await neo4j_server.child.wait_ready(120)
    assert [entity.name for entity in await graph.lookup(["name:x"])] == ["x"]


def _steps(plan: dict[str, Any]) -> list[str]:
    return [plan["operatorType"], *(step for child in plan.get("children", ()) for step in _steps(child))]

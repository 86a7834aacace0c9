"""The platform on servers instead of the embedded stores: the same answers from a Neo4j, and those that won't do are
refused before anything starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from running_stack import RunningStack, free_port, ragleap
from tenant_client import MODES, TenantClient

from actors.names import name_id
from actors.stores.bolt_graph import Bolt
from cluster.servers.milvus import MilvusServer
from cluster.servers.neo4j import Neo4j

CUSTOMERS = (
    b"customer_id,name,email\nC1,Ada Bright,ada@example.com\nC2,Ben Cole,ben@example.com\nC3,Cy Dane,cy@example.com\n"
)
ORDERS = (
    b"order_no,date,customer,total\nA-100,2026-10-02,C1,12.50\nA-101,2026-10-03,C3,8.00\n"
    b"A-102,2026-10-05,C2,3.10\nA-103,2026-10-06,C1,99.00\n"
)
FOUNDER = b"# The founder\n\nGreta Holm founded the Northlight company in a garage in Bergen.\n"


def uri(server: Neo4j) -> str:
    """The one setting that makes it the graph."""
    return server.uri.replace("://", f"://{server.user}:{server.password}@")


@pytest.fixture
async def running(neo4j_server: Neo4j, tmp_path: Path) -> AsyncIterator[RunningStack]:
    made = RunningStack(tmp_path / "data", settings={"RAGLEAP_GRAPH_URI": uri(neo4j_server)})
    yield await asyncio.to_thread(made.start)
    await asyncio.to_thread(made.kill)


@pytest.mark.timeout(600)
async def test_documents_are_taken_in_found_joined_and_deleted_with_the_graph_in_neo4j(
    running: RunningStack, neo4j_server: Neo4j
) -> None:
    access = running.create_tenant("shop")
    client = TenantClient(running.url, access.key)
    bolt = Bolt(uri=neo4j_server.uri, user=neo4j_server.user, password=neo4j_server.password)
    graph, founder = bolt.bound(access.tenant), name_id("Greta Holm")
    try:
        for filename, data in (("customers.csv", CUSTOMERS), ("orders.csv", ORDERS), ("founder.md", FOUNDER)):
            await client.ingest(filename, data, filename)
        assert "graph store" not in running.processes()
        assert (await graph.count("orders.csv", 1))[0] > 4
        assert len(await graph.lookup([founder])) == 1

        for mode in MODES:
            found = await client.search("Who is Greta Holm?", mode=mode)
            assert found[0]["document_id"] == "founder.md"
        answer = await client.chat("Which orders did Ada Bright place?")
        assert {"A-100", "A-103"} <= set(answer["answer"].replace(",", " ").replace(".", " ").split())

        deleted = await client.call("DELETE", "/v1/documents/founder.md")
        assert (await client.ended(deleted["job_id"]))["state"] == "done"
        assert await graph.count("founder.md", 1) == (0, 0)
        assert await graph.lookup([founder]) == []
        assert (await graph.count("orders.csv", 1))[0] > 4
        assert await asyncio.to_thread(running.stop) == 0
    finally:
        await graph.drop()
        await bolt.close()
        await client.close()


def test_a_wrong_password_for_the_graph_is_said_in_one_sentence(neo4j_server: Neo4j, tmp_path: Path) -> None:
    wrong = neo4j_server.uri.replace("://", "://neo4j:not-the-password@")
    assert "The graph store refuses the credentials." in _refused(tmp_path, RAGLEAP_GRAPH_URI=wrong)


def test_a_database_that_the_graph_server_lacks_is_said_in_one_sentence(neo4j_server: Neo4j, tmp_path: Path) -> None:
    said = _refused(tmp_path, RAGLEAP_GRAPH_URI=f"{uri(neo4j_server)}/nowhere")
    assert "The graph store has no such database." in said
    assert neo4j_server.password not in said


def test_a_milvus_without_keyword_search_is_refused_with_the_version_that_is_needed(
    milvus_server: MilvusServer, tmp_path: Path
) -> None:
    said = _refused(tmp_path, RAGLEAP_VECTORS_URI=milvus_server.uri.replace("://", f"://{milvus_server.token}@"))
    assert "Milvus 2.3.5, which has no keyword search (BM25). RagLeap needs Milvus 2.5 or newer." in said


def test_a_wrong_password_for_the_vectors_is_said_in_one_sentence(milvus_server: MilvusServer, tmp_path: Path) -> None:
    wrong = milvus_server.uri.replace("://", "://root:not-the-password@")
    assert "The vector store is not reachable, or refuses the credentials." in _refused(
        tmp_path, RAGLEAP_VECTORS_URI=wrong
    )


def _refused(data_dir: Path, **settings: str) -> str:
    done = ragleap("up", "--data-dir", str(data_dir), "--port", str(free_port()), **settings)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr

"""Real stores and models for the integration tests: embedded children in a temporary folder, started once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ingest_board import Board
from ingest_works import Works
from ray_node import connected, ray_head

from actors.ingest.chunk import Chunker
from actors.ingest.extract import Extractor, SpacyEntities
from actors.ingest.parse_process import ParseProcess
from actors.ingest.pipeline import Pipeline
from actors.models.names import EMBEDDER, RERANKER
from actors.models.onnx_embedder import OnnxEmbedder
from actors.models.onnx_reranker import OnnxReranker
from actors.stores.blobs import FileBlobs
from actors.stores.bolt_graph import Bolt, BoltGraph
from actors.stores.milvus_vectors import Milvus, MilvusVectors, Mode
from cluster.embedded.arcadedb import ArcadeDb
from cluster.embedded.milvus_lite import MilvusLite
from runtime.config import Settings
from runtime.ids import new_id
from tests.integration.models.endpoint import Endpoint


@pytest.fixture(scope="session")
def ray_address() -> Iterator[str]:
    """A Ray head; this process is a driver of it."""
    folder = Path(tempfile.mkdtemp(prefix="ray-"))  # short: sockets lie in it
    with ray_head(folder) as address, connected(address):
        yield address
    shutil.rmtree(folder, ignore_errors=True)


# What a test runs on unless its module is marked to run on others too: `pytest.mark.graph_servers(*GRAPHS)`.
GRAPHS = ("arcadedb", "neo4j")
VECTORS = ("milvus_lite", "milvus_lite_shared", "milvus")  # shared: one collection for all tenants


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for fixture, marker in (("graph_server", "graph_servers"), ("vector_server", "vector_servers")):
        if fixture in metafunc.fixturenames and (marked := metafunc.definition.get_closest_marker(marker)):
            metafunc.parametrize(fixture, marked.args, indirect=True, scope="session")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphServer:
    """Where a Bolt server is."""

    uri: str
    user: str
    password: str
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorServer:
    """Where a Milvus server is, and how it is used."""

    uri: str
    token: str
    mode: Mode
    dense_only: bool


@pytest.fixture(scope="session")
async def arcadedb_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ArcadeDb]:
    """A running graph child; its data lives as long as the session."""
    server = ArcadeDb(tmp_path_factory.mktemp("graph"), mode="development")
    await server.start()
    yield server
    await server.close()


@pytest.fixture(scope="session")
async def milvus_lite_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MilvusLite]:
    """A running vector child; its data lives as long as the session."""
    server = MilvusLite(tmp_path_factory.mktemp("vectors"))
    await server.start()
    yield server
    await server.close()


@pytest.fixture(scope="session")
def graph_server(request: pytest.FixtureRequest) -> GraphServer:
    """The server of the graph port's tests: each that the module names, or the one in RAGLEAP_TEST_GRAPH."""
    name = getattr(request, "param", os.environ.get("RAGLEAP_TEST_GRAPH", GRAPHS[0]))
    made = request.getfixturevalue(f"{name}_server")
    return GraphServer(uri=made.uri, user=made.user, password=made.password, database=made.database)


@pytest.fixture(scope="session")
def vector_server(request: pytest.FixtureRequest) -> VectorServer:
    """The server of the vector port's tests: each that the module names, or the embedded one."""
    name, shared, _ = getattr(request, "param", VECTORS[0]).partition("_shared")
    made = request.getfixturevalue(f"{name}_server")
    if isinstance(made, MilvusLite):
        return VectorServer(uri=made.uri, token="", mode="cluster" if shared else "embedded", dense_only=False)
    return VectorServer(uri=made.uri, token=made.token, mode="cluster", dense_only=True)


@pytest.fixture(scope="session")
async def graphs(graph_server: GraphServer) -> AsyncIterator[Bolt]:
    """The way to any tenant's graph: ``graphs.bound(tenant)``."""
    bolt = Bolt(
        uri=graph_server.uri,
        user=graph_server.user,
        password=graph_server.password,
        database=graph_server.database,
    )
    await bolt.prepare()
    yield bolt
    await bolt.close()


@pytest.fixture(scope="session")
async def vectors(vector_server: VectorServer) -> AsyncIterator[Milvus]:
    """The way to any tenant's vectors, as long as the bge embedder's: ``vectors.bound(tenant)``."""
    milvus = Milvus(
        uri=vector_server.uri,
        token=vector_server.token,
        dimension=384,
        mode=vector_server.mode,
        dense_only=vector_server.dense_only,
    )
    yield milvus
    await milvus.close()


@pytest.fixture
def tenant() -> str:
    """A tenant that no other test uses."""
    return new_id("t")


@pytest.fixture
async def graph(graphs: Bolt, tenant: str) -> AsyncIterator[BoltGraph]:
    """An empty graph of its own tenant."""
    bound = graphs.bound(tenant)
    yield bound
    await bound.drop()


@pytest.fixture
async def store(vectors: Milvus, tenant: str) -> AsyncIterator[MilvusVectors]:
    """An empty vector store of its own tenant."""
    bound = vectors.bound(tenant)
    yield bound
    await bound.drop()


@pytest.fixture(scope="session")
async def embedder() -> AsyncIterator[OnnxEmbedder]:
    """The real embedding model."""
    made = _model(OnnxEmbedder, EMBEDDER)
    yield made
    made.close()


@pytest.fixture(scope="session")
async def reranker() -> AsyncIterator[OnnxReranker]:
    """The real cross-encoder."""
    made = _model(OnnxReranker, RERANKER)
    yield made
    made.close()


@pytest.fixture
async def parser() -> AsyncIterator[ParseProcess]:
    made = ParseProcess(limit_s=30)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def recogniser() -> SpacyEntities:
    return SpacyEntities()


@pytest.fixture
def pipeline_with(
    tmp_path: Path,
    graphs: Bolt,
    vectors: Milvus,
    embedder: OnnxEmbedder,
    parser: ParseProcess,
    recogniser: SpacyEntities,
) -> Callable[..., Pipeline]:
    """Makes a pipeline over the real stores and models; what is given goes to it as well."""
    blobs = FileBlobs(str(tmp_path / "blobs"))
    tokenizer = Settings().models_dir / EMBEDDER / "tokenizer.json"

    def made(**more: Any) -> Pipeline:
        return Pipeline(
            blobs_for=blobs.bound,
            vectors_for=vectors.bound,
            graph_for=graphs.bound,
            embedder=embedder,
            parser=parser,
            chunker=Chunker(tokenizer, tokens=512, overlap=50),
            extractor=Extractor(recogniser),
            **more,
        )

    return made


@pytest.fixture
async def works(
    tmp_path: Path, tenant: str, graphs: Bolt, vectors: Milvus, pipeline_with: Callable[..., Pipeline]
) -> AsyncIterator[Works]:
    blobs = FileBlobs(str(tmp_path / "blobs"))
    made = Works(
        pipeline_with(),
        Board(),
        tenant,
        blobs.bound(tenant),
        vectors.bound(tenant),
        graphs.bound(tenant),
        graphs,
        vectors,
        blobs.bound,
    )
    yield made
    await made.drop()


def _model(make: Callable[..., Any], name: str) -> Any:
    folder: Path = Settings.from_environment(os.environ).models_dir / name
    if not (folder / "model.onnx").is_file():
        pytest.skip(f"model files are missing in {folder}: run `python -m cluster.model_files`")
    return make(folder, threads=2)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """A language model's server, over a real socket."""
    made = Endpoint()
    await made.start()
    yield made
    await made.close()

"""The fixtures of real servers, each started once a session where a test asks for it.

`make test` brings their files (`python -m cluster.servers`). Where this machine lacks what they need, their tests are
skipped with its name; where it has it and the files don't come, CI fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cluster.servers.files import FILES, servers_dir
from cluster.servers.milvus import MilvusServer
from cluster.servers.neo4j import Neo4j
from runtime.config import Settings
from runtime.errors import Unavailable

_NEEDS = {"neo4j": ("java", "mvn"), "milvus": ()}
_AT_ONCE_S = 0.1  # nothing in them is needed any more


@pytest.fixture(scope="session")
async def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Neo4j]:
    """A Neo4j 5 Community server with a password."""
    server = Neo4j(tmp_path_factory.mktemp("neo4j"), _files("neo4j"), grace_s=_AT_ONCE_S)
    await server.start()
    yield server
    await server.close()


@pytest.fixture(scope="session")
async def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MilvusServer]:
    """A standalone Milvus 2.3.5 with a password: real, and without BM25."""
    server = MilvusServer(tmp_path_factory.mktemp("milvus"), _files("milvus"))
    await server.start()
    yield server
    await server.close()


def _files(name: str) -> Path:
    try:
        return FILES[name](servers_dir(Settings.from_environment(os.environ)), say=print)
    except Unavailable as error:
        if os.environ.get("CI") and all(shutil.which(program) for program in _NEEDS[name]):
            pytest.fail(str(error))
        pytest.skip(f"{name}: {error}")

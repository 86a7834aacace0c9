"""Which real servers there are, and where their files lie: beside the models, outside the repository."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cluster.model_files import Say
from cluster.servers.milvus_files import milvus_files
from cluster.servers.neo4j_files import neo4j_files
from runtime.config import Settings


class Files(Protocol):
    """Brings one server's files under ``servers_dir`` where they are missing; returns what its class is given."""

    def __call__(self, servers_dir: Path, *, say: Say) -> Path: ...


FILES: Mapping[str, Files] = {"neo4j": neo4j_files, "milvus": milvus_files}


def servers_dir(settings: Settings) -> Path:
    return settings.models_dir.parent / "servers"

"""A workbench for the tests of answers: one cell, one journal, as many tenants as they need."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from workbench import Outside, Workbench, open_workbench

from actors.compose.gate import GateSettings
from actors.ingest.extract import Extractor, SpacyEntities
from actors.models.names import EMBEDDER
from actors.models.onnx_embedder import OnnxEmbedder
from actors.models.onnx_reranker import OnnxReranker
from actors.stores.bolt_graph import Bolt
from actors.stores.milvus_vectors import Milvus
from runtime.config import Settings

SAMPLE = Path(__file__).resolve().parents[3] / "cluster" / "sample_business"


@pytest.fixture(scope="session")
async def workbench(
    graphs: Bolt,
    vectors: Milvus,
    embedder: OnnxEmbedder,
    reranker: OnnxReranker,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Workbench]:
    settings = Settings.from_environment(os.environ)
    outside = Outside(
        graphs=graphs,
        vectors=vectors,
        embedder=embedder,
        reranker=reranker,
        tokenizer=settings.models_dir / EMBEDDER / "tokenizer.json",
        extractor=Extractor(SpacyEntities()),
        gate=GateSettings(chance=settings.gate_chance, logit=settings.gate_logit),
    )
    async with open_workbench(tmp_path_factory.mktemp("workbench"), outside) as made:
        yield made


@pytest.fixture(scope="session")
async def sample(workbench: Workbench) -> str:
    """The tenant of the sample business, with all its files ingested."""
    tenant = await workbench.tenant("The sample business")
    await workbench.submit(tenant, SAMPLE, _sample_files())
    await workbench.ingest()
    return tenant


def _sample_files() -> list[Path]:
    return [path for name in ("policies", "data", "mail") for path in sorted((SAMPLE / name).iterdir())]

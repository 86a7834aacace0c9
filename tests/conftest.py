"""Fixtures that every suite shares. Data of third parties is found through RAGLEAP_DATA."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure: neither a single example's time nor that of making one.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# ``stack``: one `ragleap up` for all suites that need the whole; ``database``: the journal's, on either store;
# ``neo4j_server`` and ``milvus_server``: what an installation may have instead of the embedded stores.
pytest_plugins = ["running_stack", "stores", "servers"]

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def third_party() -> Path:
    """The folder of third-party material; tests that need it skip where a machine has none."""
    folder = Path(os.environ.get("RAGLEAP_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("third-party material is absent: set RAGLEAP_DATA")
    return folder

"""The gateway's application on a real socket, over the in-memory stand-in for the platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from stand_ins.door import StandInPlatform, served
from stand_ins.tenant import Tenant

from runtime.config import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, max_upload_bytes=200_000, answer_deadline_s=10.0)


@pytest.fixture
async def platform() -> StandInPlatform:
    return StandInPlatform()


@pytest.fixture
def shop(platform: StandInPlatform) -> Tenant:
    tenant = platform.add_tenant("shop")
    platform.add_policy(tenant)
    return tenant


@pytest.fixture
def rival(platform: StandInPlatform) -> Tenant:
    return platform.add_tenant("rival")


@pytest.fixture
async def url(platform: StandInPlatform, settings: Settings) -> AsyncIterator[str]:
    async with served(platform, settings) as base:
        yield base


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client without credentials."""
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
async def owner(url: str, shop: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the shop's API key."""
    headers = {"Authorization": f"Bearer {shop.key}"}
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False, headers=headers) as client:
        yield client


@pytest.fixture
async def visitor(url: str, shop: Tenant) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a session token of the shop's chat page; ``visitor.headers`` carries it."""
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
        session = (await client.post(f"/chat/{shop.embed_key}/session")).json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        client.headers["X-Test-Conversation"] = session["conversation_id"]
        yield client

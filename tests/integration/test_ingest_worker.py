"""The ingest worker as a real Ray actor: it is there while it works, and gone when it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from actors.ingest.loop import IngestLoop
from actors.ingest.worker import remote_worker
from runtime.errors import Unavailable
from runtime.ids import new_id


@asynccontextmanager
async def broken(worker: str) -> AsyncIterator[IngestLoop]:
    raise Unavailable(f"{worker} finds no models.")
    yield


@pytest.mark.timeout(120)
async def test_a_worker_that_cannot_work_leaves_its_name_to_the_next_one(ray_address: str) -> None:
    from ray.exceptions import RayActorError

    name = new_id("ingest")
    worker = remote_worker(name=name, namespace="tests", lifetime="detached").remote(broken, f"{name}:1")

    with pytest.raises(RayActorError):
        await worker.run_and_leave.remote()

    with pytest.raises(RayActorError):
        await worker.alive.remote()
    async with asyncio.timeout(30):
        while await asyncio.to_thread(_named, name):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@asynccontextmanager
async def endless(worker: str) -> AsyncIterator[IngestLoop]:
    await asyncio.Event().wait()
    yield  # type: ignore[misc]


@pytest.mark.timeout(120)
async def test_a_worker_that_works_may_be_set_to_work_again(ray_address: str) -> None:
    import ray

    name = new_id("ingest")
    worker = remote_worker(name=name, namespace="tests", lifetime="detached").remote(endless, f"{name}:1")
    try:
        working = worker.run_and_leave.remote()
        assert await worker.alive.remote() == f"{name}:1"
        async with asyncio.timeout(30):
            await worker.run_and_leave.remote()
        assert ray.wait([working], timeout=0)[0] == []
    finally:
        ray.kill(worker)


def _named(name: str) -> bool:
    from ray.util import list_named_actors

    return {"name": name, "namespace": "tests"} in list_named_actors(all_namespaces=True)

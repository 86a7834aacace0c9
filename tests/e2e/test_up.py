"""`ragleap up` and what it promises about processes: all there, watched, on loopback, and none left."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest
from any_port import taken_when_any_will_do
from running_stack import RunningStack, ragleap
from waiting import until

from cluster import process_tree

_PARTS = {"up", "ray gcs", "raylet", "serve controller", "haproxy", "gateway replica", "models replica", "cell"}


def test_the_whole_platform_runs_and_is_ready(stack: RunningStack) -> None:
    assert httpx.get(f"{stack.url}/readyz", timeout=30).status_code == 200
    assert _PARTS | {"graph store", "vector store"} <= stack.processes().keys()


def test_a_second_up_on_the_same_directory_is_refused(stack: RunningStack) -> None:
    done = stack.ragleap("up", "--port", "1024")
    assert done.returncode == 1
    assert "already running" in done.stderr


def test_an_unknown_key_is_refused_in_one_sentence(stack: RunningStack) -> None:
    done = ragleap("search", "x", "--url", stack.url, "--key", "rlk_unknown")
    assert done.returncode == 1
    assert "unknown" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_only_the_replicas_token_guarded_port_listens_beyond_loopback(stack: RunningStack) -> None:
    beyond = {}
    for pid in [stack.pid, *(process.pid for process in process_tree.descendants(stack.pid))]:
        for connection in psutil.Process(pid).net_connections("inet"):
            address = connection.laddr
            local = address.ip in ("127.0.0.1", "::1", "::ffff:127.0.0.1")
            if connection.status == psutil.CONN_LISTEN and not local:
                beyond[address.port] = process_tree.title(pid)
    # Serve's gRPC between replicas binds every interface and has no setting; Ray's token guards it.
    assert all("ServeReplica" in title for title in beyond.values()), beyond


async def test_a_door_that_is_away_refuses_its_callers_and_nobody_is_given_its_port(stack: RunningStack) -> None:
    os.kill(stack.processes()["haproxy"], signal.SIGKILL)
    await until(lambda: _refused(stack.url), 30, "no door")
    assert not taken_when_any_will_do(stack.port)
    await until(lambda: _answers(f"{stack.url}/readyz", {}), 60, "the door")


async def test_a_killed_gcs_comes_back_beside_the_living_rest(stack: RunningStack) -> None:
    before = stack.processes()
    os.kill(before["ray gcs"], signal.SIGKILL)
    await until(lambda: stack.processes().get("ray gcs") not in (None, before["ray gcs"]), 30, "another gcs")
    after = stack.processes()
    assert {name: after[name] for name in ("raylet", "cell", "gateway replica")} == {
        name: before[name] for name in ("raylet", "cell", "gateway replica")
    }
    assert await asyncio.to_thread(_answers, f"{stack.url}/readyz", {})


@pytest.mark.timeout(400)
async def test_a_killed_raylet_brings_everything_back_also_when_its_successors_gcs_is_killed_under_the_boot(
    stack: RunningStack,
) -> None:
    tenant = stack.create_tenant("survivor")
    before = stack.processes()
    # Nobody is left to end HAProxy, which holds the ports that its successor needs.
    for name in ("serve proxy manager", "raylet"):
        os.kill(before[name], signal.SIGKILL)
    await until(lambda: stack.processes().get("ray gcs") not in (None, before["ray gcs"]), 60, "another gcs")
    os.kill(stack.processes()["ray gcs"], signal.SIGKILL)
    # The old door may answer until Ray's remains are swept: a new one must have come.
    await until(
        lambda: stack.processes().get("gateway replica") not in (None, before["gateway replica"]), 180, "a gateway"
    )
    await until(lambda: _answers(f"{stack.url}/v1/documents", tenant.headers), 180, "answers")
    assert "Ray's gcs_server died while Ray was starting" in (stack.data_dir / "logs" / "up.log").read_text()
    after = stack.processes()
    assert (after["graph store"], after["vector store"]) == (before["graph store"], before["vector store"])


def test_status_tells_health_and_memory_by_process(stack: RunningStack) -> None:
    done = stack.ragleap("status", "--json")
    assert done.returncode == 0, done.stderr
    assert "PSS" in stack.ragleap("status").stdout


@pytest.mark.timeout(600)
def test_ctrl_c_leaves_no_process_and_later_ups_find_everything_even_after_sigkill(tmp_path: Path) -> None:
    first = RunningStack(tmp_path / "data")
    try:
        first.start()
        tenant = first.create_tenant("shop")
        below = process_tree.descendants(first.pid)
        assert first.stop(signal.SIGINT) == 0
        assert first.left() == []
        assert [process for process in below if process_tree.running(process)] == []
        killed = RunningStack(first.data_dir, port=first.port).start()
        assert _answers(f"{killed.url}/v1/documents", tenant.headers)
        os.kill(killed.pid, signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL
        third = RunningStack(first.data_dir, port=first.port).start()
        assert _answers(f"{third.url}/v1/documents", tenant.headers)
        assert ragleap("down", "--data-dir", str(first.data_dir)).returncode == 0
        assert third.wait() == 0
        assert third.left() == []
    finally:
        first.kill()


def _refused(url: str) -> bool:
    try:
        httpx.get(url, timeout=10)
    except httpx.HTTPError as error:
        return isinstance(error, httpx.ConnectError)
    return False


def _answers(url: str, headers: dict[str, str]) -> bool:
    try:
        return httpx.get(url, headers=headers, timeout=10).status_code == 200
    except httpx.HTTPError:
        return False

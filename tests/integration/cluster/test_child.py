"""Watched children: real processes that are killed, hang, and lose their parent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from cluster.embedded import place as places
from cluster.embedded.child import Child, ChildSpec, State
from cluster.embedded.place import Place
from cluster.embedded.policy import RestartPolicy
from cluster.embedded.probes import accepts
from runtime.errors import Unavailable

ROOT = Path(__file__).resolve().parents[3]
QUICK = RestartPolicy(most=3, within_s=60, first_wait_s=0.01, longest_wait_s=0.05)
SERVER = """
import http.server as h, sys
h.HTTPServer(("127.0.0.1", int(sys.argv[1])), h.BaseHTTPRequestHandler).serve_forever()
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
PARENT = """
import asyncio, sys
from pathlib import Path
from cluster.embedded.child import Child, ChildSpec
async def main():
    async def ready(): return True
    child = Child(ChildSpec(name="c", command=["sleep", "600"], probe=ready), logs=Path(sys.argv[1]))
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def always() -> bool:
    return True


def server(tmp_path: Path, port: int, **options: object) -> Child:
    command = [sys.executable, "-c", SERVER, str(port)]
    spec = ChildSpec(name="server", command=command, probe=lambda: accepts(port), **options)  # type: ignore[arg-type]
    return Child(spec, logs=tmp_path, policy=QUICK)


async def test_a_child_is_ready_when_start_returns_and_gone_when_close_does(tmp_path: Path) -> None:
    port = Place(tmp_path, "x").port()
    child = server(tmp_path, port)
    await child.start()
    pid = child.pid
    assert pid is not None
    assert child.state is State.READY
    assert await accepts(port)
    await child.close()
    assert child.pid is None
    assert not psutil.pid_exists(pid)


async def test_a_killed_child_comes_back_on_its_port(tmp_path: Path) -> None:
    port = Place(tmp_path, "x").port()
    child = server(tmp_path, port)
    await child.start()
    try:
        for _ in range(2):
            pid = child.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await child.died()
            await child.wait_ready(10)
            assert child.pid != pid
            assert await accepts(port)
        assert child.restarts == 2
    finally:
        await child.close()


async def test_a_child_that_keeps_dying_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    script = "import time; print('cannot open the data', flush=True); time.sleep(0.05)"
    child = Child(
        ChildSpec(name="dying", command=[sys.executable, "-c", script], probe=always), logs=tmp_path, policy=QUICK
    )
    await child.start()
    with pytest.raises(Unavailable, match="cannot open the data"):
        await child.watch()
    assert child.state is State.FAILED
    await child.close()


async def test_a_child_that_ends_at_once_says_why(tmp_path: Path) -> None:
    child = Child(
        ChildSpec(name="bad", command=[sys.executable, "-c", "raise SystemExit('no licence')"], probe=never),
        logs=tmp_path,
    )
    with pytest.raises(Unavailable, match="no licence"):
        await child.start()
    assert child.pid is None


async def never() -> bool:
    return False


async def test_a_child_that_never_answers_is_stopped_again(tmp_path: Path) -> None:
    spec = ChildSpec(name="mute", command=["sleep", "600"], probe=never, ready_s=0.3)
    child = Child(spec, logs=tmp_path)
    with pytest.raises(Unavailable, match="did not answer"):
        await child.start()
    assert child.pid is None


async def test_a_child_that_ignores_its_signal_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "stubborn.log"

    async def up() -> bool:
        return "up" in log.read_text()

    spec = ChildSpec(name="stubborn", command=[sys.executable, "-c", STUBBORN], probe=up, grace_s=0.2)
    child = Child(spec, logs=tmp_path)
    await child.start()
    pid = child.pid
    assert pid is not None
    await child.close()
    assert not psutil.pid_exists(pid)


async def test_grandchildren_do_not_outlive_a_closed_child(tmp_path: Path) -> None:
    child = Child(ChildSpec(name="shell", command=["sh", "-c", "sleep 601 & wait"], probe=always), logs=tmp_path)
    await child.start()
    assert child.pid is not None
    group = os.getpgid(child.pid)
    await child.close()
    alive = [p for p in psutil.process_iter() if p.status() != psutil.STATUS_ZOMBIE and _group(p.pid) == group]
    assert alive == []


async def test_a_child_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert parent.stdout is not None
    line = b""
    while not line.strip().isdigit():
        line = await asyncio.wait_for(parent.stdout.readline(), 20)
    child = psutil.Process(int(line))
    parent.kill()
    await parent.wait()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, [child], 10)
    assert not alive
    assert gone


def test_a_place_keeps_its_port_and_its_secret(tmp_path: Path) -> None:
    first = Place(tmp_path, "graph")
    port, secret = first.port(), first.secret()
    again = Place(tmp_path, "graph")
    assert (again.port(), again.secret()) == (port, secret)
    assert again.secret_file().stat().st_mode & 0o777 == 0o600
    assert Place(tmp_path / "other", "graph").secret() != secret


def test_a_place_never_has_a_port_of_the_blocks_in_which_haproxy_looks_for_gateways(tmp_path: Path) -> None:
    place = Place(tmp_path, "graph")
    (tmp_path / "run" / "graph.port").write_text("20480")  # from before they were kept apart
    assert 29_000 <= place.port() < 32_768


def test_no_two_places_of_one_data_directory_have_the_same_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "is_free", lambda port: True)
    monkeypatch.setattr(places.secrets, "randbelow", lambda of: next(drawn))
    drawn = iter([7, 7, 7, 8, 7, 8, 9])  # what chance may give
    graph, vectors = Place(tmp_path, "graph"), Place(tmp_path, "vectors")
    ports = [graph.port(), graph.port("http"), vectors.port()]
    assert [port - ports[0] for port in ports] == [0, 1, 2]

    (tmp_path / "run" / "graph-http.port").write_text(str(ports[0]))  # as an earlier version could have left it
    drawn = iter([5])
    assert len({graph.port("http"), graph.port(), vectors.port()}) == 3


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return -1

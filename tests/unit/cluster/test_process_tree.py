from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from cluster import process_tree

_STUBBORN = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
_PARENT = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
    "print(child.pid, flush=True); child.wait()"
)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    children: list[subprocess.Popen[str]] = []
    yield children
    for child in children:
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


def _start(children: list[subprocess.Popen[str]], code: str, **environment: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    children.append(child)
    return child


def test_descendants_are_found_at_every_depth(started: list[subprocess.Popen[str]]) -> None:
    parent = _start(started, _PARENT)
    assert parent.stdout is not None
    grandchild = int(parent.stdout.readline())
    below = {process.pid for process in process_tree.descendants(os.getpid())}
    assert {parent.pid, grandchild} <= below
    os.kill(grandchild, signal.SIGKILL)


def test_marked_processes_are_found_and_ended_even_where_they_ignore_sigterm(
    started: list[subprocess.Popen[str]],
) -> None:
    token = f"token-of-test-{os.getpid()}"  # a killed run's processes carry its own
    stubborn = _start(started, _STUBBORN, **{process_tree.MARK: token})
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    found = process_tree.marked(token)
    assert [process.pid for process in found] == [stubborn.pid]
    killed = process_tree.end(found, grace_s=0.2)
    assert [process.pid for process in killed] == [stubborn.pid]
    assert not process_tree.running(found[0])


def test_another_mark_is_left_alone(started: list[subprocess.Popen[str]]) -> None:
    other = _start(started, _STUBBORN, **{process_tree.MARK: "another-token"})
    assert other.stdout is not None
    other.stdout.readline()
    assert process_tree.marked("token-of-nobody") == []
    assert other.poll() is None


def test_a_process_that_ended_is_not_running(started: list[subprocess.Popen[str]]) -> None:
    child = _start(started, "import signal; signal.pause()")
    process = process_tree.find(child.pid)
    assert process is not None
    assert process_tree.running(process)
    child.kill()
    child.wait()
    assert not process_tree.running(process)


def test_memory_of_this_process_is_more_than_nothing() -> None:
    assert process_tree.pss_kb(os.getpid()) > 1_000

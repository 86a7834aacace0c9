"""The machine's processes as far as they are ours: descendants, leftovers of a killed stack, memory, the end of them.

Read from /proc (proc(5)). Every process that `ragleap up` starts carries ``MARK=<data directory's token>`` in its
environment; that is how a later `up` finds what an earlier one, killed by SIGKILL, left behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import Unavailable

MARK = "RAGLEAP_STACK"
RAY_MARK = "RAGLEAP_STACK_RAY"  # beside it, on Ray's processes alone
_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")
_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One running process. ``started`` (clock ticks since boot) tells a reused pid apart."""

    pid: int
    parent: int
    state: str
    started: int
    name: str

    @property
    def alive(self) -> bool:
        return self.state not in "ZX"


def adopt_orphans() -> None:
    """Make this process the parent of descendants that lose theirs (prctl(2)), so that none can slip away."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise Unavailable(f"prctl: {os.strerror(ctypes.get_errno())}")


def processes() -> dict[int, Process]:
    """Everything that runs now, by pid."""
    found = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (process := _read(int(entry.name))):
            found[process.pid] = process
    return found


def descendants(pid: int) -> list[Process]:
    """The processes below ``pid``, itself left out."""
    every = processes()
    below: dict[int, list[Process]] = {}
    for process in every.values():
        below.setdefault(process.parent, []).append(process)
    found, ahead = [], [pid]
    while ahead:
        children = below.get(ahead.pop(), [])
        found.extend(children)
        ahead.extend(child.pid for child in children)
    return found


def marked(token: str, *, mark: str = MARK) -> list[Process]:
    """The processes that carry the mark of this data directory, and those below them; never this one."""
    wanted = f"{mark}={token}".encode()
    found: dict[int, Process] = {}
    for process in processes().values():
        if process.pid != os.getpid() and process.pid not in found and _carries(process.pid, wanted):
            found[process.pid] = process
            found.update((child.pid, child) for child in descendants(process.pid))
    found.pop(os.getpid(), None)
    return [process for process in found.values() if process.alive]


def end(victims: Iterable[Process], *, grace_s: float) -> list[Process]:
    """SIGTERM, then SIGKILL to what is left after ``grace_s``; returns those that had to be killed."""
    left = [victim for victim in victims if _signal(victim, signal.SIGTERM)]
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        reap(victim.pid for victim in left)
        left = [victim for victim in left if running(victim)]
    for victim in left:
        _signal(victim, signal.SIGKILL)
    deadline = time.monotonic() + 5.0
    while any(running(victim) for victim in left) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        reap(victim.pid for victim in left)
    return left


def running(process: Process) -> bool:
    """Is this very process still alive (not a later one with its pid, not a zombie)?"""
    now = _read(process.pid)
    return now is not None and now.alive and now.started == process.started


def zombies() -> set[int]:
    """Our own children that have ended and were not collected (orphans that we adopted)."""
    return {process.pid for process in processes().values() if process.parent == os.getpid() and process.state == "Z"}


def reap(pids: Iterable[int]) -> None:
    """Collect these children where they have ended. Never all at once: others' children have other collectors."""
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def pss_kb(pid: int) -> int:
    """Proportional set size: what a process adds to the machine's memory, shared pages divided among their users."""
    try:
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def title(pid: int) -> str:
    """The command line as the process shows it (Ray's workers name their actor there)."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def find(pid: int) -> Process | None:
    """The process that runs as ``pid`` now."""
    return _read(pid)


def command(pid: int) -> list[str]:
    """The arguments that a process was started with."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode().split("\0")[:-1]
    except OSError as error:
        raise Unavailable(f"Process {pid} has ended.") from error


def _read(pid: int) -> Process | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return Process(pid=pid, parent=int(fields[1]), state=fields[0], started=int(fields[19]), name=name)


def _carries(pid: int, wanted: bytes) -> bool:
    try:
        return wanted in (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _signal(process: Process, number: signal.Signals) -> bool:
    if not running(process):
        return False
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True

"""Parsing in a process of its own, started when needed, replaced when a file has brought it down.

Promises: one file at a time, each within its limit of processor time; a crash, a hang or a memory bomb becomes Terminal
for that file and touches no other; the process ends with its owner.

Held by tests/unit/actors/ingest/test_parse_process.py and tests/unit/actors/ingest/test_hostile_files.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import psutil
from pydantic import TypeAdapter

from actors.ingest.parsed import Parsed
from runtime.errors import Terminal

_PARSED: TypeAdapter[Parsed] = TypeAdapter(Parsed)
_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 10.0
# All there is of it: no secret is within a parser's reach. Each arena of malloc reserves address space.
_ENVIRONMENT = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}


class ParseProcess:
    """``parse`` may be called concurrently; calls take turns. ``close`` ends the process."""

    def __init__(self, *, limit_s: float = 25.0) -> None:
        self.limit_s = limit_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def parse(self, data: bytes, filename: str, media_type: str) -> Parsed:
        """What the file says. Raises Terminal with a plain reason where it cannot be read."""
        async with self._turn:
            begun = asyncio.get_running_loop().time()
            answer = await self._ask(data, filename, media_type)
            if answer is None and asyncio.get_running_loop().time() - begun < self.limit_s / 4:
                # A second, fresh process, where there is time for it: the first may have died of something else.
                answer = await self._ask(data, filename, media_type)
            if answer is not None:
                return _read(answer)
        raise Terminal(
            "The file cannot be read: it brings the parser down.", do="Open and save it again, then upload it."
        )

    @property
    def pid(self) -> int | None:
        """The process that reads now, where there is one."""
        return self._process.pid if self._process is not None else None

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def _ask(self, data: bytes, filename: str, media_type: str) -> bytes | None:
        """One try; None when the process died over it."""
        process = await self._started()
        exchange = asyncio.create_task(_exchange(process, data, filename, media_type))
        try:
            await self._watch(process.pid, exchange)
            return exchange.result()
        except (asyncio.IncompleteReadError, ConnectionError):
            await self.close()
            return None
        except BaseException:
            await self.close()  # an answer that nobody reads would be taken for the next file's
            exchange.cancel()
            await asyncio.gather(exchange, return_exceptions=True)
            raise

    async def _watch(self, pid: int, exchange: asyncio.Task[bytes]) -> None:
        """Return when the exchange is done; raise Terminal when it has used its time.

        The limit is processor time: on a busy machine, a reader at the lowest priority may wait long through no fault
        of the file. A reader that neither works nor ends is given up after ten times as long.
        """
        loop = asyncio.get_running_loop()
        begun, used = loop.time(), _processor_s(pid)
        while not exchange.done():
            await asyncio.wait({exchange}, timeout=min(1.0, self.limit_s / 4))
            late = loop.time() - begun > _PATIENCE * self.limit_s
            if not exchange.done() and (late or _processor_s(pid) - used > self.limit_s):
                raise Terminal(
                    f"The file took longer than {self.limit_s:.0f} s to read.", do="Split it into smaller files."
                )

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "actors.ingest.parse_child",
                cwd=_ROOT,
                env=_ENVIRONMENT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        return self._process


async def _exchange(process: asyncio.subprocess.Process, data: bytes, filename: str, media_type: str) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    asked = json.dumps({"filename": filename, "media_type": media_type, "size": len(data)}).encode()
    process.stdin.write(len(asked).to_bytes(8, "big") + asked)
    process.stdin.write(data)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(8), "big")
    return await process.stdout.readexactly(length)


def _processor_s(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:  # it has just died: the exchange ends by itself
        return 0.0
    return float(times.user + times.system)


def _read(answer: bytes) -> Parsed:
    if answer[:1] == b"P":
        return _PARSED.validate_json(answer[1:])
    told = json.loads(answer[1:])
    raise Terminal(told["what"], do=told["do"])

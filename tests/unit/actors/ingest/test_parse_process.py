from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from actors.ingest.parse_process import ParseProcess
from runtime.errors import Terminal


@pytest.fixture
async def parser() -> AsyncIterator[ParseProcess]:
    made = ParseProcess(limit_s=30)
    yield made
    await made.close()


async def test_files_are_read_one_after_another_by_one_process(parser: ParseProcess) -> None:
    texts = await asyncio.gather(*(parser.parse(b"# T%d\n\nx" % n, "a.md", "") for n in range(5)))
    assert [parsed.title for parsed in texts] == [f"T{n}" for n in range(5)]


async def test_a_refusal_keeps_its_reason(parser: ParseProcess) -> None:
    with pytest.raises(Terminal, match="empty") as refused:
        await parser.parse(b"", "a.md", "")
    assert refused.value.do


async def test_a_process_that_has_died_is_replaced(parser: ParseProcess) -> None:
    await parser.parse(b"x", "a.txt", "")
    assert parser.pid is not None
    os.kill(parser.pid, signal.SIGKILL)
    assert (await parser.parse(b"still here", "a.txt", "")).text == "still here"


async def test_a_file_that_takes_too_long_fails_and_the_next_one_is_read() -> None:
    parser = ParseProcess(limit_s=30)
    await parser.parse(b"x", "a.txt", "")
    assert parser.pid is not None
    os.kill(parser.pid, signal.SIGSTOP)  # as if a file kept it busy for ever
    parser.limit_s = 0.05
    with pytest.raises(Terminal, match="longer"):
        await parser.parse(b"x", "a.txt", "")
    parser.limit_s = 30
    assert (await parser.parse(b"next", "a.txt", "")).text == "next"
    await parser.close()


async def test_a_caller_that_leaves_does_not_spoil_the_next_answer(parser: ParseProcess) -> None:
    await parser.parse(b"x", "a.txt", "")
    asked = asyncio.create_task(parser.parse(b"word " * 200_000, "first.txt", ""))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert (await parser.parse(b"mine", "second.txt", "")).text == "mine"

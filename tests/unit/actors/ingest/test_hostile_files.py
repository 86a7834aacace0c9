from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import hostile_files
import made_files
import psutil
import pytest

from actors.ingest.archive import inspect_archive
from actors.ingest.parse_process import ParseProcess
from runtime.errors import Terminal

_MOST_MEMORY = 512 * 1024**2
_MOST_S = 30.0


@pytest.fixture
async def parser() -> AsyncIterator[ParseProcess]:
    made = ParseProcess()
    yield made
    await made.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    file = tmp_path_factory.mktemp("outside") / "outside.txt"
    file.write_text("only-for-the-machine")
    return hostile_files.hostile_files(str(file))


@pytest.fixture(scope="module")
def first_account() -> str:
    return Path("/etc/passwd").read_text().split("\n")[0]


async def end_of(parser: ParseProcess, name: str, data: bytes) -> tuple[str, float, int]:
    """What became of a file (its text or the reason it was refused), seconds, the reader's peak bytes as sampled."""
    peaks = [0]
    watch = asyncio.create_task(_watch(parser, peaks))
    begun = time.monotonic()
    try:
        told = (await parser.parse(data, name, "")).text
    except Terminal as refused:
        told = refused.what if refused.do else ""  # a refusal that says nothing to do is not plain enough
    finally:
        seconds = time.monotonic() - begun
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    return told, seconds, max(peaks)


async def _watch(parser: ParseProcess, peaks: list[int]) -> None:
    while True:
        if parser.pid is not None:
            with contextlib.suppress(psutil.Error):
                peaks.append(psutil.Process(parser.pid).memory_info().rss)
        await asyncio.sleep(0.005)


async def test_every_hostile_file_ends_in_a_stated_status_and_the_next_file_is_read(
    parser: ParseProcess, hostile: dict[str, bytes]
) -> None:
    for name, data in hostile.items():
        told, seconds, peak = await end_of(parser, name, data)
        assert told.strip(), name
        assert "only-for-the-machine" not in told, name
        assert seconds < _MOST_S, (name, seconds)
        assert peak < _MOST_MEMORY, (name, peak)
        assert (await parser.parse(b"still here", "a.txt", "")).text == "still here", name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bomb.docx", "unpacks to more"),
        ("false_size.docx", "damaged|unpacks"),
        ("many_parts.docx", "10,000 parts"),
        ("laughs.docx", "entities"),
        ("entity.docx", "entities"),
        ("slip.docx", "lead out"),
        ("locked.docx", "encrypted"),
        ("cut.docx", "damaged"),
    ],
)
def test_an_archive_no_parser_should_open_is_refused_with_its_own_reason(
    name: str, reason: str, hostile: dict[str, bytes]
) -> None:
    with pytest.raises(Terminal, match=reason):
        inspect_archive(hostile[name])


def test_an_ordinary_office_file_passes() -> None:
    inspect_archive(made_files.docx_file("Terms", ["Returns are free."]))


async def test_a_pdf_is_still_read_behind_the_walls(parser: ParseProcess) -> None:
    parsed = await parser.parse(made_files.pdf("Terms", ["Returns are free for 30 days."]), "terms.pdf", "")
    assert "Returns are free for 30 days." in parsed.text


@pytest.fixture
def hostile_of_others(third_party: Path) -> list[Path]:
    found = sorted(file for file in (third_party / "documents_hostile").rglob("*") if file.is_file())
    if not found:
        pytest.skip("no hostile documents among the third-party material")
    return found


async def test_hostile_files_of_others_end_in_a_stated_status(
    parser: ParseProcess, hostile_of_others: list[Path], first_account: str
) -> None:
    for file in hostile_of_others:
        told, seconds, peak = await end_of(parser, file.name, file.read_bytes())
        assert told.strip(), file
        assert first_account not in told, file
        assert seconds < _MOST_S, (file, seconds)
        assert peak < _MOST_MEMORY, (file, peak)

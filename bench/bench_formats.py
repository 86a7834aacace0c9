"""What is read of documents of every format, and what becomes of each file: ``make bench-formats``.

Every file goes through the parse process as an uploaded one does. It ends in a stated status when it was read or was
refused with a reason and what to do about it, in time. Word recall is a mean over files; ``--files`` shows each.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
from document_sets import every_file, judged_files, recall
from report import Row, publish
from retrieval_sets import data_folder

from actors.ingest.parse_process import ParseProcess
from runtime.errors import Terminal

BARS = {**dict.fromkeys(("docx", "html", "md", "csv", "xlsx"), ">= 0.95"), "pdf": ">= 0.9"}
_MB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What became of a file: its text, or the reason why it was refused; neither is no stated status."""

    text: str
    reason: str
    seconds: float
    peak: int  # bytes, of the process that read it


async def read(parser: ParseProcess, name: str, data: bytes) -> Read:
    watch = asyncio.create_task(_peak_of(parser))
    begun = time.monotonic()
    text = reason = ""
    try:
        text = (await parser.parse(data, name, "")).text
    except Terminal as refused:
        reason = refused.what if refused.do else ""
    finally:
        seconds = time.monotonic() - begun
        watch.cancel()
    return Read(text=text, reason=reason, seconds=seconds, peak=await watch)


async def _peak_of(parser: ParseProcess) -> int:
    peak = 0
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            if parser.pid is not None:
                with contextlib.suppress(psutil.Error):
                    peak = max(peak, psutil.Process(parser.pid).memory_info().rss)
            await asyncio.sleep(0.02)
    return peak


async def run(data: Path, *, show: bool) -> list[Row]:
    parser, files = ParseProcess(), list(every_file(data))
    found: dict[Path, Read] = {}
    try:
        for file in files:
            found[file] = await read(parser, file.name, file.read_bytes())
            if show and not found[file].text:
                print(f"  {file.relative_to(data)}: {found[file].reason or 'NO STATUS'}", flush=True)
    finally:
        await parser.close()
    return [*_status_rows(list(found.values())), *_recall_rows(data, found, show=show)]


def _status_rows(found: Sequence[Read]) -> list[Row]:
    stated = sum(1 for each in found if each.text.strip() or each.reason)
    counts = f"{sum(1 for each in found if each.text)} read, {sum(1 for each in found if each.reason)} refused"
    seconds = sorted(each.seconds for each in found)
    return [
        Row(
            figure=f"files that end in a stated status, share (n={len(found)})",
            value=math.floor(1e4 * stated / len(found)) / 1e4,
            bar=">= 1",
            baseline=counts,
        ),
        Row(figure="slowest file", value=round(seconds[-1], 2), unit="s", bar="<= 30"),
        Row(figure="file, median", value=round(1000 * seconds[len(seconds) // 2], 1), unit="ms"),
        Row(
            figure="parse process, peak of resident memory",
            value=round(max(each.peak for each in found) / _MB),
            unit="MB",
            bar="<= 512",
        ),
    ]


def _recall_rows(data: Path, found: dict[Path, Read], *, show: bool) -> list[Row]:
    recalls: dict[str, list[float]] = defaultdict(list)
    for each in judged_files(data):
        share = recall(each.words, found[each.file].text)
        recalls[each.kind].append(share)
        if show:
            print(f"  {share:.4f} {each.file.relative_to(data)}", flush=True)
    return [
        Row(
            figure=f"word recall, {kind}, mean (n={len(shares)})",
            value=round(sum(shares) / len(shares), 4),
            bar=BARS.get(kind, ""),
            baseline=f"least {min(shares):.3f}",
        )
        for kind, shares in sorted(recalls.items())
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", action="store_true", help="show the recall of each file, and each that is refused")
    parser.add_argument("--no-results", action="store_true", help="print only, leave bench/results alone")
    options = parser.parse_args()
    if not data_folder().is_dir():
        print("third-party material is absent: set RAGLEAP_DATA")
        return 0
    rows = asyncio.run(run(data_folder(), show=options.files))
    if options.no_results:
        for row in rows:
            print(row.figure, row.value, row.unit, row.bar, row.baseline, {False: "MISSED"}.get(row.reached(), ""))
    else:
        publish("formats", "make bench-formats", rows)
    return 0 if all(row.reached() is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

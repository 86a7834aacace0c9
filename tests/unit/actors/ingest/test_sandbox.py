"""What the walls hold is tried in a process of its own: they cannot be taken down again."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import made_files
import pytest

ROOT = Path(__file__).resolve().parents[4]
_TRIALS = """
import ctypes, json, os, socket, subprocess, sys, threading
from pathlib import Path
from actors.ingest import sandbox

file, folder = Path(sys.argv[1]), Path(sys.argv[2])
held = sandbox.enter()
trials = {
    "socket": lambda: socket.socket(),
    "unix socket": lambda: socket.socket(socket.AF_UNIX),
    "fork": os.fork,
    "program": lambda: subprocess.run(["true"]),
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "new file": lambda: (folder / "new").write_text("x"),
    "append": lambda: file.open("a"),
    "open to change": lambda: os.open(file, os.O_RDWR),
    "delete": file.unlink,
    "rename": lambda: file.rename(folder / "other"),
    "folder": lambda: (folder / "made").mkdir(),
    "link": lambda: (folder / "link").symlink_to(file),
    "mode": lambda: file.chmod(0o777),
    "kill": lambda: os.kill(os.getppid(), 0),
    "memory": lambda: bytearray(600 << 20),
    "read": file.read_text,
    "thread": lambda: threading.Thread(target=int).start(),
}
told = {}
for name, trial in trials.items():
    try:
        trial()
        told[name] = "done"
    except BaseException as error:
        told[name] = type(error).__name__
libc = ctypes.CDLL(None, use_errno=True)
told["native socket"] = "done" if libc.socket(2, 1, 0) >= 0 else "PermissionError"
print(json.dumps([held, told]))
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="the filter knows two processors")
def test_a_parser_reads_and_works_and_can_do_nothing_else(tmp_path: Path) -> None:
    file, folder = tmp_path / "there.txt", tmp_path / "folder"
    file.write_text("as it was")
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", _TRIALS, str(file), str(folder)], cwd=ROOT, capture_output=True, timeout=60, check=True
    )
    held, told = json.loads(ran.stdout)
    assert held
    allowed = {name for name, what in told.items() if what == "done"}
    assert allowed == {"read", "thread"}, told
    assert told["memory"] == "MemoryError"
    assert file.read_text() == "as it was"
    assert list(folder.iterdir()) == []


_PLANTED = """
import os, sys, tempfile
from pathlib import Path
import made_files
from actors.ingest import parse_office, sandbox
from actors.ingest.parse import parse

before = set(Path(tempfile.gettempdir()).iterdir())
parse_office.make_ready()
sandbox.enter()
assert "libpdfium" in Path("/proc/self/maps").read_text()
assert set(Path(tempfile.gettempdir()).iterdir()) == before
print(parse(sys.stdin.buffer.read(), "a.pdf").text)
"""


def test_a_library_planted_in_the_temporary_folder_is_not_loaded(tmp_path: Path) -> None:
    planted = tmp_path / "kreuzberg-pdfium" / "libpdfium.so"
    planted.parent.mkdir()
    planted.write_bytes(b"not the library")
    ran = subprocess.run(
        [sys.executable, "-c", _PLANTED],
        input=made_files.pdf("Terms", ["Returns are free."]),
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert b"Returns are free." in ran.stdout
    assert planted.read_bytes() == b"not the library"

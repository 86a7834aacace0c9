"""Gets a Neo4j 5 Community server onto this machine: Maven resolves its artifacts, a list of hashes says what they are.

Neo4j Community is under GPLv3: it is downloaded here, lies outside the repository, and only ever runs as a process of
its own. Where the artifacts come from is for Maven's own settings to decide. Quick where all is present.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cluster.model_files import Say, sha256_of
from runtime.errors import Terminal, Unavailable

VERSION = "5.26.30"
_OLDEST_JAVA = 17
_HERE = Path(__file__).parent
_POM = _HERE / "neo4j.pom.xml"
_HASHES = _HERE / "neo4j.sha256"  # as sha256sum writes it
_DOWNLOAD_S = 900
_JAVA = re.compile(r'version "(\d+)')


def neo4j_files(servers_dir: Path, *, say: Say = print) -> Path:
    """The folder of the server's jars, resolved and verified first where they are missing.

    Raises Unavailable, naming what this machine lacks, or Terminal where an artifact is not the one that was tested.
    """
    java()
    hashes = _HASHES.read_text()
    target = servers_dir / f"neo4j-{VERSION}"
    stamp = target / "verified"  # written last: a folder without it is not whole
    of_list = hashlib.sha256(hashes.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == of_list:
        return target / "lib"
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable("Maven (mvn) is not installed.", do="Install it to have a Neo4j server assembled.")
    servers_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".neo4j-", dir=servers_dir) as place:
        draft = Path(place) / "neo4j"
        say("neo4j: Maven fetches the server's artifacts (about 125 MB, once)")
        _resolve(maven, draft / "lib")
        _verify(draft / "lib", _listed(hashes))
        (draft / stamp.name).write_text(of_list)
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)
    say(f"neo4j: {VERSION} is in place")
    return target / "lib"


def java() -> str:
    """The Java that the server is run with. Raises Unavailable where there is none, or none that is new enough."""
    found = shutil.which("java")
    if found is None:
        raise Unavailable("Java is not installed.", do=f"Install Java {_OLDEST_JAVA} or 21 to have a Neo4j server.")
    told = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=60, check=False)
    version = _JAVA.search(told.stderr + told.stdout)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        raise Unavailable(
            f"This machine's Java is {version[1] if version else 'of no known version'}.",
            do=f"Install Java {_OLDEST_JAVA} or 21 to have a Neo4j server.",
        )
    return found


def _resolve(maven: str, lib: Path) -> None:
    """Every runtime artifact of the POM into ``lib``."""
    command = [
        *(maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(_POM)),
        *("dependency:copy-dependencies", f"-DoutputDirectory={lib}", "-DincludeScope=runtime"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"Maven took longer than {_DOWNLOAD_S} s.", do="Try again.") from error
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if "ERROR" in line]
        reason = lines[0].partition("] ")[2] if lines else "no reason given"
        raise Unavailable(f"Maven could not fetch Neo4j's artifacts: {reason[:300]}", do="Check Maven's settings.")


def _listed(hashes: str) -> dict[str, str]:
    """File name to SHA-256."""
    pairs = (line.split(maxsplit=1) for line in hashes.splitlines())
    return {name: digest for digest, name in pairs}


def _verify(lib: Path, expected: Mapping[str, str]) -> None:
    found = {}
    for file in lib.iterdir():
        with file.open("rb") as opened:
            found[file.name] = sha256_of(opened)
    if wrong := sorted(name for name, _ in found.items() ^ expected.items()):
        raise Terminal(f"{wrong[0]} is not the artifact that was tested with Neo4j {VERSION}.")

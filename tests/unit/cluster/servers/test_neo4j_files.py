"""A Neo4j server's files are the ones that were tested, or what is missing for them is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.servers.neo4j_files import neo4j_files
from runtime.errors import Terminal, Unavailable

JAVA = "#!/bin/sh\necho 'openjdk version \"{}\" 2025-04-15' >&2\n"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(path: Path, name: str, text: str) -> None:
    (path / name).write_text(text)
    (path / name).chmod(0o755)


@pytest.mark.parametrize(
    ("java", "missing"),
    [
        (None, "Java is not installed"),
        ("11.0.2", "This machine's Java is 11"),
        ("1.8.0_392", "This machine's Java is 1"),
        ("17.0.15", "Maven .mvn. is not installed"),
        ("21", "Maven .mvn. is not installed"),
    ],
)
def test_what_this_machine_lacks_is_named(path: Path, tmp_path: Path, java: str | None, missing: str) -> None:
    if java is not None:
        program(path, "java", JAVA.format(java))
    with pytest.raises(Unavailable, match=missing):
        neo4j_files(tmp_path / "servers")


def test_mavens_first_complaint_is_told(path: Path, tmp_path: Path) -> None:
    program(path, "java", JAVA.format("17"))
    program(path, "mvn", "#!/bin/sh\necho '[ERROR] nothing there'\necho '[ERROR] more'\nexit 1\n")
    with pytest.raises(Unavailable, match="artifacts: nothing there Check Maven's settings"):
        neo4j_files(tmp_path / "servers")
    assert list((tmp_path / "servers").iterdir()) == []


def test_an_artifact_that_was_not_tested_is_not_put_in_place(path: Path, tmp_path: Path) -> None:
    program(path, "java", JAVA.format("17"))
    program(
        path,
        "mvn",
        "#!/bin/sh\nfor word; do case $word in -DoutputDirectory=*) lib=${word#*=};; esac; done\n"
        '/bin/mkdir -p "$lib"\necho other >"$lib/antlr4-runtime-4.13.2.jar"\n',
    )
    with pytest.raises(Terminal, match="is not the artifact that was tested"):
        neo4j_files(tmp_path / "servers")
    assert list((tmp_path / "servers").iterdir()) == []

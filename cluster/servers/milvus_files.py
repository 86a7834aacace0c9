"""Gets a Milvus 2.3.5 server (Apache-2.0) onto this machine: its binaries come inside a wheel on PyPI, pinned by hash.

It is the newest real Milvus that installs from a package registry alone, and too old for RagLeap: it has no BM25. The
tests run on it what it can do, and that it is refused. Nothing of the wheel is installed or imported.
"""

from __future__ import annotations

import lzma
import shutil
import tempfile
import zipfile
from pathlib import Path

from cluster.model_files import Say, download
from runtime.errors import Terminal

VERSION = "2.3.5"
TEMPLATE = "milvus.yaml.template"
_SHA256 = "69515a0630ce29fd10e101fa442afea8ca1387b93a456cd9bd41fdf3deb93d04"
_PROGRAMS = "milvus/data/bin/"
_SETTINGS = "milvus/data/config.yaml.template"


def milvus_files(servers_dir: Path, *, say: Say = print) -> Path:
    """The folder of the server's program, its libraries and ``TEMPLATE``, downloaded first where they are missing.

    Raises Unavailable where pip finds no such wheel for this machine, Terminal where the wheel is not what it was.
    """
    target = servers_dir / f"milvus-{VERSION}-{_SHA256[:12]}"
    if target.is_dir():  # put there whole
        return target
    servers_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".milvus-", dir=servers_dir) as place:
        say("milvus: downloading the server (about 58 MB, once)")
        (wheel,) = download([f"milvus=={VERSION} --hash=sha256:{_SHA256}"], Path(place), say, what="milvus")
        draft = Path(place) / "milvus"
        draft.mkdir()
        _unpack(wheel, draft)
        draft.replace(target)
    say(f"milvus: {VERSION} is in place")
    return target


def _unpack(wheel: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            (folder / TEMPLATE).write_bytes(archive.read(_SETTINGS))
            packed = [name for name in archive.namelist() if name.startswith(_PROGRAMS) and name.endswith(".lzma")]
            for name in packed:
                file = folder / Path(name).stem
                with archive.open(name) as source, lzma.open(source) as unpacked, file.open("wb") as out:
                    shutil.copyfileobj(unpacked, out, 1 << 20)
                file.chmod(0o755)
    except (KeyError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise Terminal(f"{wheel.name} does not hold a Milvus server.") from error

"""The embedded vector store: milvus-lite's engine as a watched child process on loopback."""

from __future__ import annotations

import sys
from pathlib import Path

from cluster.embedded.child import Child, ChildSpec
from cluster.embedded.place import Place
from cluster.embedded.probes import accepts

_MEMTABLE_BYTES = 24 * 1024 * 1024  # flushed beyond this, so that an ingest's rows do not pile up in memory
_ROOT = Path(__file__).resolve().parents[2]


class MilvusLite:
    """The watched vector process of one data directory. ``uri`` is for the Milvus client."""

    def __init__(self, data_dir: Path) -> None:
        self._place = Place(data_dir, "vectors")
        self._port = self._place.port()
        self.uri = f"http://127.0.0.1:{self._port}"
        self.child = Child(
            ChildSpec(
                name="vectors",
                command=[
                    *(sys.executable, "-m", "cluster.embedded.milvus_server"),
                    *(str(self._place.folder), str(self._port)),
                ],
                probe=lambda: accepts(self._port),
                environment={
                    "MALLOC_ARENA_MAX": "2",
                    "MALLOC_TRIM_THRESHOLD_": "65536",
                    "OMP_NUM_THREADS": "2",
                    "OPENBLAS_NUM_THREADS": "1",
                    "ARROW_DEFAULT_MEMORY_POOL": "system",
                    "MILVUS_LITE_MEMTABLE_MEMORY_LIMIT_BYTES": str(_MEMTABLE_BYTES),
                    "PYTHONUNBUFFERED": "1",
                },
                directory=_ROOT,  # so that -m finds the package also where it is not installed
                grace_s=15.0,
            ),
            logs=self._place.logs,
        )

    async def start(self) -> None:
        await self.child.start()

    async def close(self) -> None:
        await self.child.close()

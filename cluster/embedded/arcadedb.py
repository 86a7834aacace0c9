"""The embedded graph store: ArcadeDB with its own Java runtime, speaking Bolt on loopback, kept small.

Memory: 256 MB of heap, the serial collector, a small metaspace and code cache, 64 MB of page cache: 113 MB PSS idle
and about 300 MB with a small business loaded (measured; see the design's facts).
"""

from __future__ import annotations

import asyncio
import json
from importlib.util import find_spec
from pathlib import Path

from cluster.embedded.child import Child, ChildSpec
from cluster.embedded.place import Place
from cluster.embedded.probes import accepts, http_posts
from runtime.errors import Unavailable

USER = "root"
DATABASE = "neo4j"
_PROBE_S = 3.0
_OPENED = [
    "--add-modules",
    "jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    "--add-exports",
    "java.management/sun.management=ALL-UNNAMED",
    "--add-opens",
    "java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens",
    "java.base/java.nio.channels.spi=ALL-UNNAMED",
]


class ArcadeDb:
    """The watched graph process of one data directory. ``uri``, ``user`` and ``password`` are for the Bolt driver."""

    def __init__(self, data_dir: Path, *, heap_mb: int = 256, mode: str = "production") -> None:
        self._place = Place(data_dir, "graph")
        self._port = self._place.port()
        self._http_port = self._place.port("http")
        self.uri = f"bolt://127.0.0.1:{self._port}"
        self.user = USER
        self.password = self._place.secret()
        self.database = DATABASE
        self.child = Child(
            ChildSpec(
                name="graph",
                command=self._command(heap_mb, mode),
                probe=self._answers,
                environment={"MALLOC_ARENA_MAX": "2"},
                directory=self._place.folder,
                grace_s=15.0,
            ),
            logs=self._place.logs,
        )

    async def start(self) -> None:
        await self.child.start()

    async def close(self) -> None:
        await self.child.close()

    async def _answers(self) -> bool:
        """True once a query runs: the server accepts connections before its database exists."""
        # Over its HTTP side: the Bolt driver brings numpy and pandas along, 80 MB in a process that only watches.
        query = json.dumps({"language": "cypher", "command": "RETURN 1"}).encode()
        async with asyncio.timeout(_PROBE_S):
            return await accepts(self._port) and await http_posts(
                self._http_port, f"/api/v1/query/{self.database}", query, user=self.user, password=self.password
            )

    def _command(self, heap_mb: int, mode: str) -> list[str]:
        package = _package()
        settings = {
            "server.rootPath": str(self._place.folder),
            "server.rootPasswordPath": str(self._place.secret_file()),  # a file: not in the process list
            "server.mode": mode,
            "server.httpIncomingHost": "127.0.0.1",
            "server.httpIncomingPort": str(self._http_port),
            "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "server.defaultDatabases": f"{DATABASE}[{USER}]",
            "bolt.host": "127.0.0.1",
            "bolt.port": str(self._port),
            "bolt.defaultDatabase": DATABASE,
            "maxPageRAM": "64",
        }
        return [
            str(package / "jre" / "bin" / "java"),
            *(f"-Xmx{heap_mb}m", "-Xss512k", "-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=128m"),
            *("-XX:ReservedCodeCacheSize=48m", "-XX:+ExitOnOutOfMemoryError"),
            *_OPENED,
            *("-Djava.awt.headless=true", "-Dfile.encoding=UTF8"),
            *(f"-Darcadedb.{name}={value}" for name, value in settings.items()),
            *("-cp", f"{package}/jars/*", "com.arcadedb.server.ArcadeDBServer"),
        ]


def _package() -> Path:
    spec = find_spec("arcadedb_embedded")  # located, not imported: importing it starts a Java machine in this process
    if spec is None or spec.origin is None:
        raise Unavailable(
            "The embedded graph store is not installed.",
            do="Install the package arcadedb-embedded, or set RAGLEAP_GRAPH_URI to a Bolt server.",
        )
    return Path(spec.origin).parent

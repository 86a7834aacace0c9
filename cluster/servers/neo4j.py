"""A Neo4j 5 Community server as a watched child process on loopback, kept small, with a password.

``neo4j_files`` brings its artifacts. ``ragleap up`` never starts it: an installation names its own server by
``RAGLEAP_GRAPH_URI``. This one is for the tests.
"""

from __future__ import annotations

from pathlib import Path

import neo4j

from cluster.embedded.child import Child, ChildSpec
from cluster.embedded.place import Place
from cluster.embedded.probes import accepts
from cluster.servers.neo4j_files import java

USER = "neo4j"
DATABASE = "neo4j"
_FIRST_PASSWORD = "neo4j"  # noqa: S105 - every new server's, and good for nothing but to set another
_OPENED = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch")


class Neo4j:
    """The server of one data directory. ``uri``, ``user`` and ``password`` are for the Bolt driver."""

    def __init__(
        self, data_dir: Path, lib: Path, *, heap_mb: int = 256, pagecache_mb: int = 64, grace_s: float = 30.0
    ) -> None:
        self._place = Place(data_dir, "neo4j")
        self._port = self._place.port()
        self._pagecache_mb = pagecache_mb
        self.uri = f"bolt://127.0.0.1:{self._port}"
        self.user = USER
        self.password = self._place.secret()
        self.database = DATABASE
        home = self._place.folder
        self.child = Child(
            ChildSpec(
                name="neo4j",
                command=[
                    *(java(), f"-Xms{heap_mb // 4}m", f"-Xmx{heap_mb}m", "-XX:+UseSerialGC"),
                    "-XX:TieredStopAtLevel=1",  # a server of minutes is faster with the quick compiler alone
                    *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED),
                    *("-cp", f"{lib}/*", "org.neo4j.server.CommunityEntryPoint"),
                    *(f"--home-dir={home}", f"--config-dir={home / 'conf'}"),
                ],
                probe=lambda: accepts(self._port),  # it listens once its databases are there
                environment={"MALLOC_ARENA_MAX": "2"},
                directory=home,
                ready_s=120.0,
                grace_s=grace_s,
            ),
            logs=self._place.logs,
        )

    async def start(self) -> None:
        """Return when it answers to its password."""
        new = not (self._place.folder / "data").exists()
        self._configure()
        await self.child.start()
        if new:
            await self._set_password()

    async def close(self) -> None:
        await self.child.close()

    def _configure(self) -> None:
        conf = self._place.folder / "conf"
        conf.mkdir(exist_ok=True)
        settings = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{self._port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": f"{self._pagecache_mb}m",
            "db.tx_log.preallocate": "false",  # else half a gigabyte on disk before the first row
            "dbms.usage_report.enabled": "false",
        }
        (conf / "neo4j.conf").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    async def _set_password(self) -> None:
        async with neo4j.AsyncGraphDatabase.driver(self.uri, auth=(USER, _FIRST_PASSWORD)) as driver:
            await driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
                {"old": _FIRST_PASSWORD, "new": self.password},
                database_="system",
            )

"""A standalone Milvus 2.3.5 as a watched child process, with a password. For the tests: see ``milvus_files``.

Its embedded etcd listens on loopback. Milvus' own ports listen on every interface and it has no setting for that; only
the proxy's asks for the password.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cluster.embedded.child import Child, ChildSpec
from cluster.embedded.place import Place
from cluster.embedded.probes import http_says
from cluster.servers.milvus_files import TEMPLATE

TOKEN = "root:Milvus"  # noqa: S105 - that of every new server
_PARTS = ("root_coord", "query_coord", "query_node", "index_coord", "index_node", "data_coord", "data_node")
_PORTS = ("proxy", "proxy_internal", *_PARTS, "etcd", "etcd_peer", "health")
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)(?:\(\w+\))?\s*(?::\s*(.*?))?\s*\}\}")


class MilvusServer:
    """The server of one data directory. ``uri`` and ``token`` are for the Milvus client."""

    def __init__(self, data_dir: Path, programs: Path) -> None:
        self._place = Place(data_dir, "milvus")
        self._template = programs / TEMPLATE
        self._ports = {name: self._place.port(name) for name in _PORTS}
        self.uri = f"http://127.0.0.1:{self._ports['proxy']}"
        self.token = TOKEN
        home = self._place.folder
        self.child = Child(
            ChildSpec(
                name="milvus",
                command=[str(programs / "milvus"), "run", "standalone"],
                probe=lambda: http_says(self._ports["health"], "/healthz", b"OK"),
                environment={
                    "DEPLOY_MODE": "STANDALONE",
                    "METRICS_PORT": str(self._ports["health"]),
                    "LD_LIBRARY_PATH": str(programs),
                },
                directory=home,  # it reads ./configs
                stop_signal=signal.SIGKILL,  # it ignores SIGTERM
                ready_s=120.0,
            ),
            logs=self._place.logs,
        )

    async def start(self) -> None:
        """Return when all its parts say that they are healthy."""
        self._configure()
        await self.child.start()

    async def close(self) -> None:
        await self.child.close()

    def _configure(self) -> None:
        home = self._place.folder
        configs, data = home / "configs", home / "data"
        for folder in (configs, data):
            folder.mkdir(exist_ok=True)
        values = {f"{name}_port": str(port) for name, port in self._ports.items()}
        values |= {
            "etcd_data_dir": str(data / "etcd"),
            "local_storage_dir": str(data),
            "rocksmq_data_dir": str(data / "rocksmq"),
            "system_log_path": "",
            "authorization_enabled": "true",
        }
        settings = yaml.safe_load(filled(self._template.read_text(), values))
        settings["etcd"]["config"] = {"path": str(configs / "etcd.yaml")}  # else it takes etcd's own fixed ports
        settings["log"]["level"] = "warn"
        (configs / "glog.conf").write_text("--logtostderr=true\n--minloglevel=2\n")
        (configs / "milvus.yaml").write_text(yaml.safe_dump(settings))
        (configs / "etcd.yaml").write_text(yaml.safe_dump(self._etcd(data / "etcd")))

    def _etcd(self, folder: Path) -> dict[str, Any]:
        client, peer = (f"http://127.0.0.1:{self._ports[name]}" for name in ("etcd", "etcd_peer"))
        return {
            "data-dir": str(folder),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
        }


def filled(template: str, values: Mapping[str, str]) -> str:
    """The wheel's template with ``{{ name(type): default }}`` replaced by the values or the defaults."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[2] or ""), template)

from __future__ import annotations

import pytest

from cluster.memory import readable


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("/x/.venv/bin/python /x/.venv/bin/ragleap up --demo", "up"),
        ("/x/ray/core/src/ray/gcs/gcs_server --log_dir=/tmp", "ray gcs"),
        ("/x/ray/core/src/ray/raylet/raylet --raylet_socket_name=/tmp", "raylet"),
        ("ray::ServeReplica:gateway:gateway.handle_request", "gateway replica"),
        ("ray::ServeController.listen_for_change", "serve controller"),
        ("/x/jre/bin/java -Xmx256m com.arcadedb.server.ArcadeDBServer", "graph store"),
        ("python -m cluster.embedded.milvus_server /data 1", "vector store"),
        ("ray::IngestWorker.run_and_leave", "ingest worker"),
        ("/usr/bin/something --else", "something"),
    ],
)
def test_processes_are_called_by_what_they_do(title: str, name: str) -> None:
    assert readable(title) == name

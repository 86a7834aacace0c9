"""A Ray head for one test session: the lightest there is, in a child process that takes it down when it goes.

Run as a program it starts the head, prints its address, and stops everything when its standard input closes; so
nothing stays behind, however the tests end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {
    "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
    "RAY_AUTH_MODE": "disabled",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # else 127.0.0.1 is swapped for the outer address
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
    "RAY_enable_worker_prestart": "0",
    "RAY_num_workers_soft_limit": "0",
}


@contextmanager
def ray_head(folder: Path) -> Iterator[str]:
    """The address of a head that lives as long as the block."""
    with (folder / "head.log").open("w") as log:
        child = subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **ENVIRONMENT},
            text=True,
        )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        address = child.stdout.readline().strip()
        assert address, (folder / "head.log").read_text()[-2000:]
        yield address
    finally:
        child.stdin.close()
        child.wait(30)
        child.stdout.close()


@contextmanager
def connected(address: str) -> Iterator[None]:
    """This process as a driver of the head at ``address``, on loopback as it stands there."""
    import ray
    from ray._private import ray_constants

    clusters = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False  # read from the environment, but only when ray is first imported
    try:
        ray.init(address=address, namespace="tests", log_to_driver=False, logging_level="ERROR")
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = clusters
    try:
        yield
    finally:
        ray.shutdown()


def main(folder: str) -> None:
    from ray._private.node import Node
    from ray._private.parameter import RayParams

    class Head(Node):
        """Without the dashboard's server, which is started even where no dashboard is wanted."""

        def start_api_server(self, *, include_dashboard: bool | None, raise_on_failure: bool) -> None:
            pass

    node = Head(
        RayParams(
            node_ip_address="127.0.0.1",
            gcs_server_port=0,
            num_cpus=2,
            object_store_memory=78_643_200,
            include_dashboard=False,
            include_log_monitor=False,  # type: ignore[arg-type]  # Ray tests it as a boolean
            no_monitor=True,
            temp_dir=folder,
        ),
        head=True,
        shutdown_at_exit=False,
        spawn_reaper=False,
    )
    os.write(1, f"{node.address}\n".encode())
    sys.stdin.read()
    node.kill_all_processes(check_alive=False, allow_graceful=False)


if __name__ == "__main__":
    main(sys.argv[1])

"""The program that brings Ray up, then leaves: head processes, the cell, the Serve applications.

``python -m cluster.ray_boot`` is a child of ``ragleap up``: plan in by stdin (one JSON line, then the line ``go`` when
the stores are ready), events out by stdout (JSON lines: ``process``, ``ray``, ``progress``, ``ready``, ``failed``). It
ends once everything runs, so that no idle driver costs memory; what it started lives on, adopted by ``ragleap up``.

Ray's head is built by the class that ``ray start`` itself uses, for three things the command has no options for: the
node's address stays 127.0.0.1 (so that Ray's servers bind loopback alone), and neither the autoscaler's monitor nor
the Ray client server is started (some 170 MB).
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cluster import serve_apps
from runtime.config import Settings
from runtime.errors import RagleapError, Unavailable

NAMESPACE = "serve"
_START_S = 120.0


def main() -> int:
    plan = json.loads(sys.stdin.readline())
    try:
        return _boot(plan)
    except RagleapError as error:
        _tell("failed", text=str(error))
    except Exception as error:
        traceback.print_exc()
        _tell("failed", text=f"Ray did not start ({type(error).__name__}: {str(error).splitlines()[0][:300]}).")
    return 1


def _boot(plan: dict[str, Any]) -> int:
    node = _start_head(plan)
    _tell("ray", address=node.address)
    import ray

    ray.init(address=node.address, namespace=NAMESPACE, log_to_driver=False, logging_level=logging.WARNING)
    with ThreadPoolExecutor(1) as beside:  # the cells and Serve import much: neither waits for the other
        cells = beside.submit(_start_cells)
        try:
            config = serve_apps.read_config(Path(plan["config"]), host=plan["host"], port=plan["http_port"])
            client = serve_apps.start_serve(config)
            _tell("progress", text="Ray Serve and its HTTP proxy run")
            serve_apps.deploy(client, config)
            names = [application["name"] for application in config["applications"]]
            serve_apps.wait_running(names, deadline_s=_START_S, say=lambda text: _tell("progress", text=text))
        finally:
            cells.result()
    _tell("ready")
    return 0


def _start_head(plan: dict[str, Any]) -> Any:
    from ray._private.node import Node
    from ray._private.parameter import RayParams

    class Head(Node):
        """Without the dashboard's server where no dashboard is wanted (`--include-dashboard false` keeps it).

        Tells of its processes as each is there: it waits for half a minute for one that died meanwhile.
        """

        def start_gcs_server(self) -> None:
            super().start_gcs_server()  # type: ignore[no-untyped-call]
            self._tell_of("gcs_server")

        def start_raylet(self, *arguments: Any, **options: Any) -> None:
            super().start_raylet(*arguments, **options)
            self._tell_of("raylet")

        def start_api_server(self, *, include_dashboard: bool | None, raise_on_failure: bool) -> None:
            if include_dashboard:
                super().start_api_server(include_dashboard=True, raise_on_failure=raise_on_failure)

        def _tell_of(self, name: str) -> None:
            _tell("process", name=name, pid=self.all_processes[name][0].process.pid)

    parameters = RayParams(
        node_ip_address="127.0.0.1",
        node_name="ragleap",
        gcs_server_port=plan["gcs_port"],
        num_cpus=plan["cpus"],
        object_store_memory=plan["object_store_bytes"],
        include_dashboard=plan["dashboard"],
        dashboard_host="127.0.0.1",
        dashboard_port=plan["dashboard_port"],
        dashboard_agent_listen_port=0,
        include_log_monitor=False,  # type: ignore[arg-type]  # Ray tests it as a boolean
        no_monitor=True,
        temp_dir=plan["ray_dir"],
    )
    return Head(parameters, head=True, shutdown_at_exit=False, spawn_reaper=False)


def _start_cells() -> None:
    """The cells' actors, named and detached, serving. They need the stores; raises what keeps them from serving."""
    if sys.stdin.readline().strip() != "go":
        raise Unavailable("`ragleap up` gave up before the stores were ready.")
    names = Settings.from_environment(os.environ).cell_names()
    first = _serving(names)[0]
    [status] = _replies([first.administer.remote("status", {})])
    added = [name for name in status["cells"] if name not in names]  # while it ran, or when it was set to more
    _serving(added)
    number = len(names) + len(added)
    _tell("progress", text="the cell serves" if number == 1 else f"{number} cells serve")


def _serving(names: Sequence[str]) -> list[Any]:
    """The handles of the cells of those names, once each serves."""
    from cluster.cell_root import start

    cells = [start(name) for name in names]
    _replies([cell.ready.remote() for cell in cells])
    return cells


def _replies(calls: Sequence[Any]) -> list[Any]:
    """What cells reply; raises the first error among it."""
    import ray

    replies: list[Any] = ray.get(list(calls), timeout=_START_S)
    for reply in replies:
        if isinstance(reply, RagleapError):
            raise reply
    return replies


def _tell(event: str, **fields: object) -> None:
    os.write(1, (json.dumps({"event": event, **fields}) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())

"""The Serve applications of ``serve_config.yaml``: read, deployed without the dashboard, waited for.

Runs inside a Ray driver (``ray_boot``). Raises Unavailable naming the application and its own message where one fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from runtime.errors import Invalid, Unavailable

CONFIG = Path(__file__).resolve().parents[1] / "serve_config.yaml"
_POLL_S = 0.1
_FAILED = ("DEPLOY_FAILED", "UNHEALTHY")


def read_config(path: Path, *, host: str, port: int) -> dict[str, Any]:
    """The file with the door's host and port filled in; raises Invalid where it is none."""
    try:
        config = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise Invalid(f"{path} can't be read as YAML: {error}.") from error
    if not isinstance(config, dict) or not config.get("applications"):
        raise Invalid(f"{path} names no applications.")
    config["http_options"] = {**config.get("http_options", {}), "host": host, "port": port}
    return config


def start_serve(config: Mapping[str, Any]) -> Any:
    """Serve's controller and proxies, up and answering. Returns Serve's client."""
    from ray.exceptions import RayActorError
    from ray.serve._private.api import serve_start
    from ray.serve.schema import ServeDeploySchema

    schema = ServeDeploySchema.model_validate(config)

    def start() -> Any:
        return serve_start(
            http_options=schema.http_options.model_dump(),
            proxy_location=schema.proxy_location,
            global_logging_config=schema.logging_config,
        )

    try:
        return start()
    except RayActorError:  # the controller gave up on a slow proxy and makes another: connect to what is there
        return start()


def deploy(client: Any, config: Mapping[str, Any]) -> None:
    """Hand the applications to the controller; returns at once."""
    from ray.serve.schema import ServeDeploySchema

    client.deploy_apps(ServeDeploySchema.model_validate(config))


def wait_running(names: list[str], *, deadline_s: float, say: Callable[[str], None]) -> None:
    """Return when every application runs, telling of each as it does."""
    from ray import serve

    waiting, end = set(names), time.monotonic() + deadline_s
    while waiting:
        status = serve.status().applications
        for name in sorted(waiting & status.keys()):
            state = str(status[name].status.value)
            if state == "RUNNING":
                say(f"application {name} runs")
                waiting.discard(name)
            elif state in _FAILED:
                raise Unavailable(f"The application {name} did not start: {_last_line(status[name].message)}")
        if waiting and time.monotonic() > end:
            raise Unavailable(f"Not running after {deadline_s:.0f} s: {', '.join(sorted(waiting))}.")
        time.sleep(_POLL_S)


def _last_line(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no reason was given."

"""The product's Ray head, Serve with HAProxy, gateway and cell, with light sessions and without stores and models.

Run as a program (``python -m bench.rig.stack FOLDER``) it brings them up with the product's own settings, prints one
JSON line and takes everything down when its standard input closes; :func:`light_stack` is that as a context.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class LightStack:
    """Where it is reached: the HTTP port, Ray's address, the tenants' keys, the journal's file, the cell's process."""

    port: int
    address: str
    keys: list[str]
    cell: int
    journal: str
    measure: Callable[[str], Any]  # "raw" or "kills" (bench.rig.ray_side)


@contextmanager
def light_stack(folder: Path, *, sink: int, tenants: int = 1) -> Iterator[LightStack]:
    """The stack for as long as the block runs. ``sink``: the port that replies are sent to."""
    with (folder / "stack.log").open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "bench.rig.stack", str(folder), str(sink), str(tenants)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"},
            text=True,
        )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        line = child.stdout.readline()
        assert line, (folder / "stack.log").read_text()[-4000:]

        def measure(what: str) -> Any:
            child.stdin.write(f"{what}\n")
            child.stdin.flush()
            line = child.stdout.readline()
            assert line, (folder / "stack.log").read_text()[-4000:]
            return json.loads(line)

        yield LightStack(**json.loads(line), measure=measure)
    finally:
        child.stdin.close()
        child.wait(60)
        child.stdout.close()


def main(folder: Path, sink: int, tenants: int) -> None:
    from cluster import process_tree
    from cluster.data_dir import DataDir
    from cluster.ports import is_free, plan_ports
    from cluster.ray_environment import ray_environment
    from runtime.config import Settings
    from runtime.sealing import new_key

    told = os.dup(1)  # ours alone: what else writes to the standard output goes to the log
    os.dup2(2, 1)
    process_tree.adopt_orphans()
    port = next(port for port in range(18_000, 19_000) if is_free(port))
    data = DataDir(folder)  # it knows how long the paths of sockets may be
    data.run.mkdir(mode=0o700)
    ports, ray_dir, proxy_dir = plan_ports(port, str(folder), is_free), data.ray_dir(), data.proxy_dir()
    (ray_dir / "gcs").mkdir(mode=0o700)
    (folder / "token").write_text("benchmark" * 4)
    settings = Settings(
        data_dir=folder,
        port=port,
        database_url=f"sqlite:///{folder / 'journal.db'}",
        blobs_url=str(folder / "blobs"),
        operator_key="operator" * 4,
        session_secret="secret" * 8,
        sealing_keys=new_key(),
        ray_address=f"127.0.0.1:{ports.gcs}",
        log_level="WARNING",
    )
    mark = f"bench-{os.getpid()}"
    environment = ray_environment(
        os.environ, settings, ports, ray_dir=ray_dir, proxy_dir=proxy_dir, token_file=folder / "token", mark=mark
    )
    os.environ.clear()
    os.environ.update(environment, BENCH_SINK=str(sink))
    try:
        cell, tenant, stack = _boot(settings, ports.gcs, ray_dir, tenants)
        os.write(told, (json.dumps(stack) + "\n").encode())
        for line in sys.stdin:
            os.write(told, (json.dumps(asyncio.run(_measure(line.strip(), cell, tenant))) + "\n").encode())
    except BaseException:
        traceback.print_exc()  # now: Ray's own hook would first look for the head that ends here
        raise
    finally:
        process_tree.end(process_tree.marked(mark, mark=process_tree.RAY_MARK), grace_s=2.0)
        data.remove_temporary()


def _boot(settings, gcs_port: int, ray_dir: Path, tenants: int):  # type: ignore[no-untyped-def]
    import ray

    from bench.rig.light import build
    from cluster import ray_boot, serve_apps
    from runtime.cell_host import start_cell

    plan = {
        "gcs_port": gcs_port,
        "cpus": 2,
        "object_store_bytes": 78_643_200,
        "dashboard": False,
        "dashboard_port": gcs_port + 4,
        "ray_dir": str(ray_dir),
    }
    node = ray_boot._start_head(plan)
    ray.init(address=node.address, namespace=ray_boot.NAMESPACE, log_to_driver=False, logging_level="ERROR")
    cell = start_cell("cell-0", build)
    config = serve_apps.read_config(serve_apps.CONFIG, host="127.0.0.1", port=settings.port)
    config["applications"] = [each for each in config["applications"] if each["name"] == "gateway"]
    config["applications"][0]["import_path"] = "bench.rig.inbound:gateway"
    serve_apps.deploy(serve_apps.start_serve(config), config)
    serve_apps.wait_running(["gateway"], deadline_s=120.0, say=lambda text: None)
    assert ray.get(cell.ready.remote(), timeout=60) is True
    made = ray.get([cell.administer.remote("tenant.create", {"name": f"bench {n}"}) for n in range(tenants)])
    _wait_for_door(settings.port)
    stack = {
        "port": settings.port,
        "address": node.address,
        "keys": [each["key"] for each in made],
        "cell": ray.get(cell.administer.remote("status", {}))["pid"],
        "journal": settings.database_url.removeprefix("sqlite:///"),
    }
    return cell, made[0]["tenant"], stack


async def _measure(what: str, cell: Any, tenant: str) -> Any:
    from bench.rig import ray_side

    raw = ray_side.raw_actor()
    try:
        return await (ray_side.raw_asks(raw) if what == "raw" else ray_side.kills(cell, raw, tenant))
    finally:
        import ray

        ray.kill(raw)


def _wait_for_door(port: int) -> None:
    """HAProxy learns of the gateway some time after Serve calls it running."""
    import httpx

    end = time.monotonic() + 60
    while httpx.get(f"http://127.0.0.1:{port}/healthz").status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

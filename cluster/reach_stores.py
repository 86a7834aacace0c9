"""Asks the servers that the settings name whether they will do: ``python -m cluster.reach_stores``.

Run by `ragleap up` before anything is started, as a process of its own: the clients of both stores weigh 100 MB, which
`ragleap up` shall not keep. Prints one sentence and exits with 1 where a server won't do. Stores that run embedded are
not asked.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from runtime import telemetry
from runtime.config import Settings
from runtime.errors import RagleapError, Terminal

_ROOT = Path(__file__).resolve().parents[1]
_DEADLINE_S = 60.0


def reach_stores(settings: Settings, inherited: Mapping[str, str]) -> None:
    """Raises Terminal in one sentence where a server that ``settings`` name can't be used."""
    if not (settings.graph_uri or settings.vectors_uri):
        return
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cluster.reach_stores"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_DEADLINE_S,
            cwd=_ROOT,  # so that -m finds the package also where it is not installed
            env={**inherited, **settings.to_environment()},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Terminal(f"The stores' servers did not answer within {_DEADLINE_S:.0f} s.") from error
    if done.returncode:
        raise Terminal(done.stdout.strip() or f"The stores' servers could not be asked: {done.stderr.strip()[-300:]}")


async def _reach(settings: Settings) -> None:
    from cluster.adapters import graph, vectors  # here, for `up` imports this module too

    if settings.graph_uri:
        bolt = graph(settings)
        try:
            await bolt.reach()
        finally:
            await bolt.close()
    if settings.vectors_uri:
        milvus = vectors(settings)
        try:
            await milvus.reach()
        finally:
            await milvus.close()


def main() -> int:
    """Exit status 0, or 1 with one sentence on standard output."""
    try:
        settings = Settings.from_environment(os.environ)
        telemetry.configure(settings.log_level)  # to standard error
        asyncio.run(_reach(settings))
    except RagleapError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""`ragleap up` and `ragleap down`: the stack of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import structlog
import typer

from cluster import process_tree
from cluster.cli.options import DEFAULT_DATA_DIR, DataDirOption, refuse
from cluster.data_dir import DataDir
from runtime.config import Settings
from runtime.errors import RagleapError, Unavailable

_STOP_S = 60.0
_POLL_S = 0.1


def up(
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    port: Annotated[int, typer.Option(envvar="RAGLEAP_PORT", min=1, max=65535, help="The door's port.")] = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="Make a demo tenant with a sample business in it.")] = False,
    dashboard: Annotated[bool, typer.Option("--dashboard", help="Start Ray's dashboard too (190 MB).")] = False,
) -> None:
    """Start the stores, Ray and the applications; Ctrl-C drains and stops everything."""
    from cluster.up import up as run_up  # here, so that other commands do not pay for its imports

    _log_to(data_dir)
    try:
        settings = replace(Settings.from_environment(os.environ), data_dir=data_dir, port=port)
    except RagleapError as error:
        raise refuse(error) from error
    status = asyncio.run(run_up(settings, os.environ, with_demo=demo, dashboard=dashboard, say=_say))
    raise typer.Exit(status)


def down(data_dir: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """Drain and stop the server that runs on the data directory."""
    data = DataDir(data_dir)
    try:
        pid = int(str(data.read_stack()["pid"]))
        process = process_tree.find(pid)
        if process is not None:
            os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + _STOP_S
        while process is not None and process_tree.running(process):
            if time.monotonic() > end:
                raise Unavailable(f"Process {pid} has not ended after {_STOP_S:.0f} s.", do="See its log.")
            time.sleep(_POLL_S)
    except RagleapError as error:
        raise refuse(error) from error
    print("Stopped.")


def _say(text: str) -> None:
    """To whoever reads along; one that has gone (a closed terminal, a pipe's end) must not keep us from stopping."""
    stream = sys.stderr if text.startswith("ragleap:") else sys.stdout
    with contextlib.suppress(OSError):
        print(text, file=stream, flush=True)


def _log_to(data_dir: Path) -> None:
    """Events of the supervision go to a file; the terminal is for people."""
    file = data_dir.expanduser().absolute() / "logs" / "up.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        stream = file.open("a", buffering=1)
    except OSError:  # `up` itself says what is wrong with the directory
        return
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream),
    )

"""`ragleap up`: one stack from its start to its end, with what a person reads meanwhile.

Ctrl-C, SIGTERM and the terminal's end drain and stop; a second one skips the draining. Returns the exit status; nothing
is raised for what a person can mend, they get one sentence.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping

from cluster import demo, workspace
from cluster.stack import Stack
from runtime.config import Settings
from runtime.errors import RagleapError

_POINT = "  · "
_STOPS = (signal.SIGINT, signal.SIGTERM)


async def up(
    settings: Settings,
    inherited: Mapping[str, str],
    *,
    with_demo: bool,
    dashboard: bool,
    say: Callable[[str], None],
) -> int:
    """Run until told to stop."""
    began = time.monotonic()
    stack = Stack(
        settings,
        inherited,
        say=lambda text: say(f"{_POINT}{text} ({time.monotonic() - began:.1f} s)"),
        dashboard=dashboard,
    )
    with _stop_signals() as stopped:
        try:
            return await _run(stack, stopped, with_demo=with_demo, say=say, began=began)
        except* RagleapError as errors:
            say(f"ragleap: {_first(errors)}")
        finally:
            await _stop(stack, stopped, say)
    return 1


async def _run(
    stack: Stack, stopped: asyncio.Event, *, with_demo: bool, say: Callable[[str], None], began: float
) -> int:
    say(f"Starting RagLeap on {stack.data.path}")
    if not await _until(stack.start(), stopped):
        return 0
    say(f"RagLeap runs: {stack.url} ({time.monotonic() - began:.0f} s)")
    _print_places(stack, say)
    watching = asyncio.create_task(stack.watch())
    try:
        shown = demo.show if with_demo else workspace.show
        try:
            if not await _until(shown(stack.url, stack.data, say), stopped):
                return 0
        except* RagleapError as errors:  # the platform runs all the same
            say(f"ragleap: {_first(errors)}")
        say("Ctrl-C stops everything.")
        await _until(asyncio.shield(watching), stopped)
        return 0
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _until(work: Awaitable[object], stopped: asyncio.Event) -> bool:
    """Await ``work``; False where the signal to stop came first (the work is then cancelled)."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            return not stopped.is_set()
        return False
    finally:
        for each in (task, waiting):
            each.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)


async def _stop(stack: Stack, stopped: asyncio.Event, say: Callable[[str], None]) -> None:
    if not stack.data.owned:
        return
    say("Stopping")
    stopped.clear()  # from here on a signal means: at once
    stopping = asyncio.create_task(stack.stop())
    if not await _until(asyncio.shield(stopping), stopped):
        stack.hurry()
    await stopping
    say("Stopped: no process is left.")


@contextlib.contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    # A hang-up stays ignored under nohup. Not so the others: a shell that puts us into the background ignores Ctrl-C.
    hung_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    numbers = (*_STOPS, *hung_up)
    for number in numbers:
        loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _first(errors: BaseExceptionGroup[RagleapError]) -> RagleapError:
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


def _print_places(stack: Stack, say: Callable[[str], None]) -> None:
    say(f"{_POINT}API and documentation: {stack.url}/docs")
    if stack.dashboard_url:
        say(f"{_POINT}Ray dashboard: {stack.dashboard_url} (it asks for the token in {stack.data.run / 'ray.token'})")
    say(f"{_POINT}Operator's key: {stack.data.run / 'operator.key'} (the command line finds it by itself)")
    say(f"{_POINT}Logs: {stack.data.logs}; process {os.getpid()}")

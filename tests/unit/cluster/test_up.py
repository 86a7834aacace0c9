"""`ragleap up` and the one who started it: it stops when told to or left alone, and in peace."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from cluster.cli.stack import _say
from cluster.up import _stop_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_up_stops_on_ctrl_c_on_sigterm_and_when_its_terminal_goes(number: signal.Signals) -> None:
    before = signal.signal(number, lambda *_: None)  # these tests may themselves run under nohup
    try:
        with _stop_signals() as stopped:
            os.kill(os.getpid(), number)
            async with asyncio.timeout(5):
                await stopped.wait()
    finally:
        signal.signal(number, before)


async def test_up_stops_on_ctrl_c_also_where_a_shell_has_put_it_into_the_background() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with _stop_signals() as stopped:
            os.kill(os.getpid(), signal.SIGINT)
            async with asyncio.timeout(5):
                await stopped.wait()
    finally:
        signal.signal(signal.SIGINT, before)


async def test_up_outlives_its_terminal_under_nohup() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with _stop_signals() as stopped:
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGTERM)  # arrives after it
            await stopped.wait()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_up_says_to_a_reader_that_has_gone_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    gone = os.fdopen(writer, "w", buffering=1)
    monkeypatch.setattr(sys, "stdout", gone)
    _say("Stopping")
    monkeypatch.undo()
    with pytest.raises(BrokenPipeError):
        gone.close()

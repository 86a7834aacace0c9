"""Calls whose outcome nobody knows: their channels are asked about them, until each is settled.

Promises: each is asked about at once, for what has arrived has arrived; "not there" is believed only from the time on
at which the call is over for good. A channel that cannot be asked for now is asked again, until the message's deadline.

Held by tests/unit/runtime/test_outbox.py, tests/unit/runtime/test_outbox_doubts.py, tests/unit/runtime/test_sending.py,
tests/integration/test_sends_over_ray.py and tests/simulation/test_seeds.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog

from runtime import telemetry
from runtime.channel import Found, Outlet, Resolution
from runtime.clock import Clock
from runtime.retry import RetryPolicy
from runtime.sending import Moment, after_asking, outgoing, unknown
from runtime.store.outbox import OutboxRow, Settled

ASK_MOST_S = 60.0  # between two questions to a channel that cannot be asked

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Doubt:
    row: OutboxRow
    final_at: float  # monotonic: from then on its call is over for good
    ask_at: float
    failures: int = 0


class Doubts:
    """One tenant's. ``settle`` is told of each outcome, ``most`` questions are asked at once."""

    def __init__(
        self,
        tenant: str,
        *,
        outlets: Mapping[str, Outlet],
        clock: Clock,
        moment: Callable[[], Moment],
        settle: Callable[[Settled], None],
        most: int,
    ) -> None:
        self._tenant = tenant
        self._outlets = outlets
        self._clock = clock
        self._moment = moment
        self._settle = settle
        self._most = most
        self._doubts: dict[int, _Doubt] = {}  # by the row's seq
        self._asks: dict[int, asyncio.Task[None]] = {}

    def add(self, row: OutboxRow, final_in_s: float) -> None:
        now = self._clock.monotonic()
        self._doubts[row.seq] = _Doubt(row, final_at=now + final_in_s, ask_at=now)

    def due(self) -> bool:
        """Whether there is somebody to ask now."""
        return bool(self._doubts) and bool(self._askable())

    def ask(self) -> None:
        """Ask about those whose time has come."""
        for doubt in self._askable()[: self._most - len(self._asks)]:
            task = self._asks[doubt.row.seq] = asyncio.get_running_loop().create_task(self._ask(doubt))
            task.add_done_callback(partial(self._asked, doubt.row.seq))

    def cancel(self) -> list[asyncio.Task[None]]:
        """Ask no more; returns the questions that are ending."""
        for task in (asks := list(self._asks.values())):
            task.cancel()
        return asks

    # --------------------------------------------------------------------- inside

    def _askable(self) -> list[_Doubt]:
        now = self._clock.monotonic()
        return [doubt for seq, doubt in self._doubts.items() if doubt.ask_at <= now and seq not in self._asks]

    def _asked(self, seq: int, task: asyncio.Task[None]) -> None:
        del self._asks[seq]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("outbox.asking_crashed", tenant=self._tenant, error=repr(error))

    async def _ask(self, doubt: _Doubt) -> None:
        row, now = doubt.row, self._clock.monotonic()
        final, doubt.ask_at = now >= doubt.final_at, now + ASK_MOST_S
        outlet = self._outlets.get(row.channel)
        telemetry.about(row)
        told = await self._resolve(outlet, doubt)
        policy = outlet.retry if outlet is not None else RetryPolicy()
        if told is not None:
            settled = after_asking(policy, row, told, self._moment(), final=final)
            doubt.ask_at = doubt.final_at  # where that was too early to say
        elif final and self._clock.now() >= row.deadline:
            settled = unknown(row, "Its channel could not be asked what became of it.", self._moment())
        else:
            return
        if settled is not None:
            del self._doubts[row.seq]
            self._settle(settled)

    async def _resolve(self, outlet: Outlet | None, doubt: _Doubt) -> Resolution | None:
        """What the channel says; None where it cannot be asked now, and then it is asked again later."""
        if outlet is None:
            return Resolution(found=Found.UNKNOWN)
        try:
            async with asyncio.timeout(outlet.call_s):
                return await outlet.channel.resolve(outgoing(doubt.row))
        except Exception as error:
            doubt.failures += 1
            doubt.ask_at = self._clock.monotonic() + min(ASK_MOST_S, 2.0**doubt.failures)
            log.warning("outbox.not_resolved", channel=doubt.row.channel, error=type(error).__name__)
            return None

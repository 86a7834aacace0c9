"""A channel and the provider behind it, as a test scripts them: what each call meets, and what has arrived.

``meets`` holds, by text, what the next calls meet: an error that says what became of them (nothing arrives), LOST (the
request is lost), UNHEARD (it arrives, the answer is lost), or an event to wait for before it arrives. After LOST and
UNHEARD the caller knows nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from toys import SOON_S

from runtime.channel import Found, Outgoing, Resolution

LOST, UNHEARD = "the request is lost", "the answer is lost"


@dataclass
class Provider:
    """``tells``: whether it can be asked about a message; ``deaf``: errors that the next questions meet."""

    tells: bool = True
    meets: dict[str, list[Exception | str | asyncio.Event]] = field(default_factory=dict)
    deaf: list[Exception] = field(default_factory=list)
    calls: list[Outgoing] = field(default_factory=list)
    asked: list[Outgoing] = field(default_factory=list)
    arrived: list[Outgoing] = field(default_factory=list)
    most_at_once: int = 0
    _running: int = 0
    _happened: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def send(self, outgoing: Outgoing) -> str:
        self.calls.append(outgoing)
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        try:
            await self._tell()
            return await self._take(outgoing)
        finally:
            self._running -= 1

    async def resolve(self, outgoing: Outgoing) -> Resolution:
        self.asked.append(outgoing)
        await self._tell()
        if self.deaf:
            raise self.deaf.pop(0)
        if not self.tells:
            return Resolution(found=Found.UNKNOWN)
        if any(each.outbox_id == outgoing.outbox_id for each in self.arrived):
            return Resolution(found=Found.SENT, provider_id=f"p-{outgoing.outbox_id}")
        return Resolution(found=Found.NOT_SENT)

    def texts(self) -> list[str]:
        """What has arrived, in that order."""
        return [str(outgoing.body["text"]) for outgoing in self.arrived]

    def called(self) -> Counter[str]:
        return Counter(str(outgoing.body["text"]) for outgoing in self.calls)

    async def until_called(self, text: str, times: int = 1) -> None:
        async with asyncio.timeout(SOON_S), self._happened:
            await self._happened.wait_for(lambda: self.called()[text] >= times)

    async def until_asked(self, times: int = 1) -> None:
        async with asyncio.timeout(SOON_S), self._happened:
            await self._happened.wait_for(lambda: len(self.asked) >= times)

    async def until_arrived(self, *texts: str) -> None:
        async with asyncio.timeout(SOON_S), self._happened:
            await self._happened.wait_for(lambda: set(texts) <= set(self.texts()))

    async def _take(self, outgoing: Outgoing) -> str:
        waiting = self.meets.get(str(outgoing.body["text"]))
        step = waiting.pop(0) if waiting else None
        if isinstance(step, Exception):
            raise step
        if isinstance(step, asyncio.Event):
            await step.wait()
        if step != LOST:
            self.arrived.append(outgoing)
            await self._tell()
        if step in (LOST, UNHEARD):
            raise ConnectionResetError(step)
        return f"p-{outgoing.outbox_id}"

    async def _tell(self) -> None:
        async with self._happened:
            self._happened.notify_all()

"""Answers that take several messages, sent one after another: which of them have gone already.

Promise: while this process lives, a part that was sent is not sent again when the rest is tried once more.

Held by tests/unit/actors/channels/test_parts.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from runtime.channel import Outgoing
from runtime.errors import Terminal

MOST_KNOWN = 2_000


class Parts:
    """Remembers, for the answers that are not sent whole yet, the ids of the messages that were."""

    def __init__(self) -> None:
        self._sent: OrderedDict[tuple[str, str], list[str]] = OrderedDict()

    async def send(self, outgoing: Outgoing, parts: Sequence[str], send: Callable[[str, int], Awaitable[str]]) -> str:
        """Send what has not gone, each with its place among the parts; returns the id of the last one. Raises Terminal
        where there is nothing to send, and whatever ``send`` raises."""
        if not parts:
            raise Terminal("The answer is empty.")
        key = (outgoing.tenant, outgoing.outbox_id)
        sent = self._sent.setdefault(key, [])
        self._sent.move_to_end(key)
        while len(self._sent) > MOST_KNOWN:
            self._sent.popitem(last=False)
        for at in range(len(sent), len(parts)):
            sent.append(await send(parts[at], at))
        self._sent.pop(key, None)
        return sent[-1]

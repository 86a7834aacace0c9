"""How many mails of one sender are answered: a bound for loops that nothing else has recognised (RFC 3834, 5).

Held by tests/unit/actors/channels/mail/test_senders.py.
"""

from __future__ import annotations

from collections import OrderedDict, deque

MOST = 20
WITHIN_S = 3_600.0
_MOST_KNOWN = 5_000  # senders


class Senders:
    """Of one mailbox. In memory: a restart begins to count anew."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def allow(self, address: str, now: float) -> bool:
        """Whether one more mail that came at ``now`` is taken."""
        times = self._times.setdefault(address, deque(maxlen=MOST))
        self._times.move_to_end(address)
        while len(self._times) > _MOST_KNOWN:
            self._times.popitem(last=False)
        if len(times) == MOST and times[0] > now - WITHIN_S:
            return False
        times.append(now)
        return True

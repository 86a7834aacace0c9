"""What becomes of a message whose turn failed: another try, and when, or the dead letters. Pure.

Held by tests/unit/runtime/test_cell_retries.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.errors import Terminal
from runtime.store.inbox import InboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a durable message is tried, and when again: ``first_s``, then doubling, each ± ``jitter`` of itself.

    Between two tries the message is in the inbox, so the next incarnation of the cell tries it too; the later ones of
    its line (:mod:`runtime.backlog`) wait behind it. Its deadline stays what the sender said: a try that would come
    after it is not waited for, the message is a dead letter at once. A Terminal error is never tried again.
    """

    tries: int = 3
    first_s: float = 60.0
    factor: float = 2.0
    jitter: float = 0.2

    def delay(self, attempts: int, random: float, *, at_least: float = 0.0) -> float | None:
        """Seconds until the next try after ``attempts`` failed ones; None: give up. ``random`` is in [0, 1);
        ``at_least`` is what the error asked for (``retry_after``)."""
        if attempts >= self.tries:
            return None
        base = self.first_s * self.factor ** (attempts - 1)
        return max(at_least, base * (1 + self.jitter * (2 * random - 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """``attempts`` tries have failed, the last one for ``cause``; the next is at ``due_at``, or never (None)."""

    attempts: int
    cause: str
    due_at: float | None


def fate(policy: RetryPolicy, error: Exception, row: InboxRow, *, now: float, random: float) -> Fate:
    """Decide after a turn of ``row`` has failed with ``error`` at ``now``; ``row`` is as it was before that."""
    attempts, cause = row.attempts + 1, f"{type(error).__name__}: {error}"
    delay = None
    if not isinstance(error, Terminal):
        delay = policy.delay(attempts, random, at_least=float(getattr(error, "retry_after", 0.0)))
    if delay is not None and now + delay >= row.deadline:
        delay, cause = None, f"{cause} (no time for another try before its deadline)"
    return Fate(attempts=attempts, cause=cause, due_at=None if delay is None else now + delay)

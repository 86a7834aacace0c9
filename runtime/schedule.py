"""When something recurs: once at a time, or by a cron expression in a time zone. Pure: the time is always given.

Cron expressions have five fields (minute, hour, day of month, month, day of week) as in Debian's cron, or six with the
seconds in front; cronsim reads them. What happens when clocks are changed: a job at a fixed time that does not exist
that day comes right after the gap, one whose time exists twice comes once; a job with ``*`` in minute or hour, or with
seconds, follows the clock (it does not come in the gap, and comes in both passes of the hour that is repeated).

Held by tests/unit/runtime/test_schedule.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from runtime.errors import Invalid

MAX_CRON = 200  # characters
_FAR = 4_102_444_800.0  # the year 2100
_SKIPPED = 10_000  # occurrences that an hour repeated by the clock may hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """``at`` (seconds since the epoch; the second counts) or ``cron`` in the IANA time zone ``timezone``.

    Raises Invalid where it is neither or both, where the expression or the zone is none, and for what never comes.
    """

    at: float | None = None
    cron: str = ""
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        if (self.at is None) == (not self.cron):
            raise Invalid("A reminder comes either at one time or by a cron expression.", do="Give one of the two.")
        if self.at is not None and not 0 <= self.at < _FAR:
            raise Invalid("That time is not within this century.")
        zone = _zone(self.timezone)
        if self.cron:
            _occurrence(self.cron, datetime(2026, 1, 1, tzinfo=zone))

    def first(self, now: float) -> float:
        """When it comes for the first time, as seen from ``now``; a time that has passed stays what it is."""
        if self.at is not None:
            return float(int(self.at))
        found = self.following(now)
        assert found is not None
        return found

    def following(self, now: float) -> float | None:
        """When it comes next after ``now``; None: never again. What was missed before is not made up for."""
        if self.at is not None:
            return None
        moment = datetime.fromtimestamp(now, _zone(self.timezone))
        occurrences = CronSim(self.cron, moment)
        for _ in range(_SKIPPED):
            # In an hour that is repeated, cronsim counts from its first pass: what lies behind us is over.
            due = next(occurrences).timestamp()
            if due > now:
                return due
        raise Invalid(f"The cron expression {self.cron!r} does not go on.")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"{name[:60]!r} is not a time zone.", do="Use a name such as Europe/Berlin or UTC.") from error


def _occurrence(cron: str, after: datetime) -> datetime:
    if len(cron) > MAX_CRON:
        raise Invalid(f"A cron expression has at most {MAX_CRON} characters.")
    try:
        return next(CronSim(cron, after))
    except StopIteration as error:
        raise Invalid(f"The cron expression {cron!r} never comes.") from error
    except (CronSimError, ValueError, TypeError, AssertionError) as error:
        raise Invalid(
            f"{cron!r} is not a cron expression: {str(error) or 'it has a bad field'}.",
            do="Five fields: minute, hour, day of month, month, day of week; for example 0 9 * * MON-FRI.",
        ) from error

"""When something recurs, also where clocks are changed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from runtime.errors import Invalid
from runtime.schedule import Schedule

BERLIN = ZoneInfo("Europe/Berlin")  # 2027: 28 March 02:00 → 03:00, 31 October 03:00 → 02:00


def at(*moment: int, fold: int = 0, zone: str = "Europe/Berlin") -> float:
    return datetime(*moment, tzinfo=ZoneInfo(zone), fold=fold).timestamp()  # type: ignore[arg-type]


def following(cron: str, now: float, times: int = 1, zone: str = "Europe/Berlin") -> list[str]:
    """The next occurrences in UTC."""
    schedule, found = Schedule(cron=cron, timezone=zone), []
    for _ in range(times):
        due = schedule.following(now)
        assert due is not None
        assert due > now
        now = due
        found.append(datetime.fromtimestamp(due, ZoneInfo("UTC")).strftime("%d %H:%M:%S"))
    return found


def test_a_time_comes_once_to_the_second() -> None:
    schedule = Schedule(at=1_800_000_000.75)

    assert schedule.first(1_700_000_000) == 1_800_000_000
    assert schedule.first(1_900_000_000) == 1_800_000_000  # it has passed, so it is due
    assert schedule.following(1_700_000_000) is None


def test_a_cron_expression_is_read_in_its_time_zone() -> None:
    assert following("0 9 * * *", at(2027, 1, 10, 12), zone="Europe/Berlin") == ["11 08:00:00"]
    assert following("0 9 * * *", at(2027, 7, 10, 12), zone="Europe/Berlin") == ["11 07:00:00"]
    assert following("0 9 * * MON-FRI", at(2027, 1, 8, 12), zone="America/New_York") == ["08 14:00:00"]


def test_it_comes_strictly_after_now_so_that_one_firing_is_not_two() -> None:
    nine = at(2027, 1, 10, 9)

    assert following("0 9 * * *", nine) == ["11 08:00:00"]
    assert following("0 9 * * *", nine + 0.4) == ["11 08:00:00"]
    assert following("0 9 * * *", nine - 0.4) == ["10 08:00:00"]


def test_six_fields_begin_with_the_seconds() -> None:
    assert following("*/20 * * * * *", at(2027, 1, 10, 9), times=3) == ["10 08:00:20", "10 08:00:40", "10 08:01:00"]


def test_what_falls_into_the_gap_of_spring_comes_right_after_it() -> None:
    assert following("30 2 * * *", at(2027, 3, 27, 12), times=2) == ["28 01:00:00", "29 00:30:00"]


def test_what_falls_into_the_repeated_hour_of_autumn_comes_once() -> None:
    assert following("30 2 * * *", at(2027, 10, 30, 12), times=2) == ["31 00:30:00", "01 01:30:00"]


def test_what_was_missed_in_the_first_pass_of_the_repeated_hour_is_not_found_behind_us() -> None:
    second_pass = at(2027, 10, 31, 2, 10, fold=1)

    assert following("30 2 * * *", second_pass) == ["01 01:30:00"]
    assert following("*/10 2 * * *", at(2027, 10, 31, 2, 15, fold=1))  # whichever: it lies ahead


def test_what_comes_every_hour_follows_the_clock_through_both_changes() -> None:
    assert following("0 * * * *", at(2027, 3, 28, 1, 30), times=2) == ["28 01:00:00", "28 02:00:00"]
    assert following("0 * * * *", at(2027, 10, 31, 1, 30), times=3) == ["31 00:00:00", "31 01:00:00", "31 02:00:00"]


def test_what_was_missed_for_a_month_comes_once() -> None:
    assert following("0 9 * * *", at(2027, 2, 10, 12)) == ["11 08:00:00"]


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "61 * * * *", "a b c d e", "0 0 31 2 *", "* * * * * * *", "0 0 30 2 *", "L/2 * * * *", "²L * * * *",
     "0 0 * * ²L", "0 9 * * MON-", "0 9 * * #", "*/0 * * * *", "1,,2 * * * *", "0 0 */31 2 MON#5", "0 " * 300],
)  # fmt: skip
def test_what_is_no_cron_expression_or_never_comes_is_refused(cron: str) -> None:
    with pytest.raises(Invalid):
        Schedule(cron=cron)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe", "x" * 500, "a\0b"]
)
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid):
        Schedule(cron="0 9 * * *", timezone=zone)


def test_a_schedule_is_a_time_or_an_expression_and_not_both_or_neither() -> None:
    for about in ({}, {"at": 1.0, "cron": "0 9 * * *"}, {"at": -1.0}, {"at": 1e12}, {"at": float("nan")}):
        with pytest.raises(Invalid):
            Schedule(**about)  # type: ignore[arg-type]

"""What dates in a question mean."""

from __future__ import annotations

from datetime import date

import pytest

from actors.dates import EARLIEST, LATEST, find_dates

AS_OF = date(2026, 5, 15)  # a Friday


def meant(text: str, as_of: date = AS_OF) -> tuple[str, str]:
    [span] = find_dates(text, as_of)
    return span.range.first.isoformat(), span.range.last.isoformat()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Who complained last month?", "2026-04-01", "2026-04-30"),
        ("Who complained this month?", "2026-05-01", "2026-05-31"),
        ("orders placed today", "2026-05-15", "2026-05-15"),
        ("orders placed yesterday", "2026-05-14", "2026-05-14"),
        ("the day before yesterday", "2026-05-13", "2026-05-13"),
        ("this week", "2026-05-11", "2026-05-17"),
        ("last week", "2026-05-04", "2026-05-10"),
        ("last quarter", "2026-01-01", "2026-03-31"),
        ("this quarter", "2026-04-01", "2026-06-30"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("in March", "2026-03-01", "2026-03-31"),
        ("in march what happened", "2026-03-01", "2026-03-31"),
        ("during the month of February", "2026-02-01", "2026-02-28"),
        ("in December", "2025-12-01", "2025-12-31"),
        ("in May", "2026-05-01", "2026-05-31"),
        ("last May", "2025-05-01", "2025-05-31"),
        ("in March 2025", "2025-03-01", "2025-03-31"),
        ("in March of 2025", "2025-03-01", "2025-03-31"),
        ("in March last year", "2025-03-01", "2025-03-31"),
        ("in February 2024", "2024-02-01", "2024-02-29"),
        ("on 3 May", "2026-05-03", "2026-05-03"),
        ("on the 3rd of May", "2026-05-03", "2026-05-03"),
        ("on May 3, 2025", "2025-05-03", "2025-05-03"),
        ("on 20 May", "2025-05-20", "2025-05-20"),
        ("on 29 February", "2024-02-29", "2024-02-29"),
        ("on 2026-04-02", "2026-04-02", "2026-04-02"),
        ("in 2026-04", "2026-04-01", "2026-04-30"),
        ("on 02.04.2026", "2026-04-02", "2026-04-02"),
        ("in 2025", "2025-01-01", "2025-12-31"),
        ("since 1 April", "2026-04-01", "2026-05-15"),
        ("mails from last week", "2026-05-04", "2026-05-10"),
        ("from March onwards", "2026-03-01", "2026-05-15"),
        ("since March", "2026-03-01", "2026-05-15"),
        ("between 3 and 9 May 2026", "2026-05-03", "2026-05-09"),
        ("between 28 April and 9 May", "2026-04-28", "2026-05-09"),
        ("between March and April", "2026-03-01", "2026-04-30"),
        ("from January to March 2025", "2025-01-01", "2025-03-31"),
        ("between 2026-01-05 and 2026-02-01", "2026-01-05", "2026-02-01"),
        ("between December and January", "2025-12-01", "2026-01-31"),
        ("in the last 30 days", "2026-04-15", "2026-05-15"),
        ("over the past two weeks", "2026-05-01", "2026-05-15"),
        ("in the first quarter of 2025", "2025-01-01", "2025-03-31"),
        ("in Q4", "2025-10-01", "2025-12-31"),
        ("in the first half of 2025", "2025-01-01", "2025-06-30"),
        ("last Friday", "2026-05-08", "2026-05-08"),
        ("on Monday", "2026-05-11", "2026-05-11"),
        ("the month before last", "2026-03-01", "2026-03-31"),
        ("three weeks ago", "2026-04-24", "2026-04-24"),
    ],
)
def test_a_date_expression_means_these_days(text: str, first: str, last: str) -> None:
    assert meant(text) == (first, last)


def test_open_ranges_end_where_nothing_bounds_them() -> None:
    assert meant("after 3 May") == ("2026-05-04", LATEST.isoformat())
    assert meant("before March") == (EARLIEST.isoformat(), "2026-02-28")
    assert meant("until 3 May") == (EARLIEST.isoformat(), "2026-05-03")


def test_last_month_in_january_is_december_of_the_year_before() -> None:
    assert meant("last month", date(2026, 1, 31)) == ("2025-12-01", "2025-12-31")
    assert meant("last week", date(2026, 1, 1)) == ("2025-12-22", "2025-12-28")
    assert meant("last quarter", date(2026, 2, 1)) == ("2025-10-01", "2025-12-31")


def test_a_leap_february_is_whole() -> None:
    assert meant("last month", date(2024, 3, 31)) == ("2024-02-01", "2024-02-29")


@pytest.mark.parametrize(
    "text",
    [
        "May I return it?",
        "What may customers return?",
        "Do you march on?",
        "I paid 2020 for it",
        "order 2026-A",
        "",
        "which second product",
        "a marble table",
    ],
)
def test_words_that_are_no_dates_are_left_alone(text: str) -> None:
    assert find_dates(text, AS_OF) == []


def test_two_dates_are_both_found_where_they_stand() -> None:
    text = "Who complained in March and what did they order in April?"
    spans = find_dates(text, AS_OF)
    assert [text[s.start : s.end] for s in spans] == ["in March", "in April"]


def test_ranges_read_as_words() -> None:
    [span] = find_dates("last month", AS_OF)
    assert str(span.range) == "between 1 April 2026 and 30 April 2026"

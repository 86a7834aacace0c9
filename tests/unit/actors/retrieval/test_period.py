from __future__ import annotations

from datetime import date

import pytest

from actors.retrieval.period import Period, asked_period

_AS_OF = date(2026, 7, 15)


def _days(first: date, last: date) -> Period:
    return Period(first=(first - date(1970, 1, 1)).days, last=(last - date(1970, 1, 1)).days)


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What went wrong with parcels last month?", date(2026, 6, 1), date(2026, 6, 30)),
        ("Who wrote about late parcels in March?", date(2026, 3, 1), date(2026, 3, 31)),
        ("Were there more refunds in May 2025 than in March 2026?", date(2025, 5, 1), date(2026, 3, 31)),
    ],
)
def test_a_question_asks_about_all_the_days_that_it_names(question: str, first: date, last: date) -> None:
    assert asked_period(question, _AS_OF) == _days(first, last)


def test_a_question_without_a_time_asks_about_every_time() -> None:
    assert asked_period("May I send a lamp back?", _AS_OF) is None


def test_what_has_no_date_is_of_every_time() -> None:
    march = Period(first=20_513, last=20_543)
    assert [march.holds(day) for day in (0, 20_512, 20_513, 20_543, 20_544)] == [True, False, True, True, False]

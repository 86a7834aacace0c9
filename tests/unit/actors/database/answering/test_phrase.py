"""The sentence for rows tells the number or the list, and what it was restricted to."""

from __future__ import annotations

from asked_shop import planned

from actors.database.answer import Rows, Value
from actors.database.answering import phrase


def told(question: str, *rows: tuple[Value, ...], truncated: bool = False) -> str:
    columns = tuple(f"c{n}" for n in range(len(rows[0]))) if rows else ("c0",)
    return phrase(planned(question), Rows(columns=columns, rows=rows, truncated=truncated))


def test_a_count_is_told_with_its_filters_and_dates_resolved() -> None:
    said = told("How many orders came from Chennai this week?", (1234,))
    assert said == "1,234 orders (city is Chennai; ordered_on between 23 November 2026 and 29 November 2026)."


def test_an_aggregate_is_told_by_its_name() -> None:
    assert told("What is the average price of products?", (173.5,)) == "Of products, the average price is 173.5."


def test_an_aggregate_of_nothing_is_told_as_nothing_found() -> None:
    said = told("What is the total amount of orders from Chennai?", (None,))
    assert said == "No orders were found (city is Chennai)."


def test_groups_are_told_one_by_one() -> None:
    assert told("Number of orders per status", ("pending", 2), ("shipped", 3)) == "Orders: pending: 2; shipped: 3."


def test_a_long_list_says_how_many_more_there_are_and_a_cut_one_that_it_is_cut() -> None:
    rows: list[tuple[Value, ...]] = [(f"P{n}",) for n in range(12)]
    assert told("List the names of products", *rows).endswith("P9 and 2 more.")
    assert told("List the names of products", *rows, truncated=True).endswith("P9 and more than can be shown.")


def test_nothing_found_is_told_with_what_was_looked_for() -> None:
    assert told("Which products have a price below 50?") == "No products were found (price is less than 50)."

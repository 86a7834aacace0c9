"""Questions over the small shop get the rows that a person would have looked up."""

from __future__ import annotations

import pytest
from asked_shop import asked

_NUMBERS: tuple[tuple[str, object], ...] = (
    ("How many orders came from Chennai this week?", 2),
    ("How many orders are there?", 6),
    ("how many customers do we have", 4),
    ("What is the number of products?", 3),
    ("How many orders were placed this month?", 4),
    ("How many orders were placed in October?", 1),
    ("How many orders did we have in 2025?", 1),
    ("How many orders since 1 November 2026?", 4),
    ("How many orders are shipped?", 3),
    ("How many shipped orders are there?", 3),
    ("How many orders are not cancelled?", 5),
    ("How many orders are pending or cancelled?", 3),
    ("How many orders have a total above 100?", 2),
    ("How many orders have a total of at least 60?", 4),
    ("How many orders with a total between 40 and 100?", 3),
    ("How many customers are in New Delhi?", 1),
    ("How many customers from Chennai or Madurai?", 3),
    ("How many different cities do customers come from?", 3),
    ("How many orders does Asha have?", 3),
    ("How many customers joined this year?", 2),
    ("How many products cost more than 50?", 2),
    ("How many customers with at least two orders?", 2),
    ("How many customers without orders?", 1),
    ("How many employees are older than 30?", 2),
    ("How many employees are in sales?", 2),
    ("What is the average total of orders?", (120.5 + 80 + 45.25 + 310 + 60 + 20) / 6),
    ("What is the sum of the total of orders?", 635.75),
    ("What is the total amount of orders from Chennai?", 590.5),
    ("What is the highest price of products?", 400),
    ("What is the minimum price of the products?", 40),
    ("What is the average age of employees in the sales department?", 41.5),
    ("What is the average price of seat products?", 240.25),
    ("What is the total of shipped orders this week?", 45.25),
    ("What is the total quantity of order items for Lamp?", 7),
    ("How many custmers are from Chennai?", 2),
    ("How many orders yesterday?", 1),
    ("How many orders came from Chennai last week?", 0),
    ("How many customers placed orders this week?", 3),
    ("What is the average order total in Madurai?", 45.25),
    ("How many orders are not from Chennai?", 1),
)
_LISTS: tuple[tuple[str, list[tuple[object, ...]]], ...] = (
    ("List the names of customers from Chennai.", [("Asha",), ("Chitra",)]),
    ("Which customers are from Madurai?", [("Bala",)]),
    (
        "Show the name and price of all products ordered by price from high to low.",
        [("Sofa", 400), ("Chair", 80.5), ("Lamp", 40)],
    ),
    ("Show product names in alphabetical order.", [("Chair",), ("Lamp",), ("Sofa",)]),
    ("What are the different categories of products?", [("light",), ("seat",)]),
    ("What is the most expensive product?", [("Sofa",)]),
    ("What is the name of the cheapest product?", [("Lamp",)]),
    ("Who is the oldest employee?", [("Fathima",)]),
    ("What is the name of the youngest employee?", [("Gopal",)]),
    ("Which customer has the most orders?", [("Asha",)]),
    ("Which city has the most customers?", [("Chennai",)]),
    ("Top 2 products by price", [("Sofa",), ("Chair",)]),
    ("List the 2 most expensive products.", [("Sofa",), ("Chair",)]),
    ("Which products have a price below 50?", [("Lamp",)]),
    ("Names of customers whose city is not Chennai", [("Bala",), ("Devi",)]),
    ("Names of customers whose name starts with 'A'", [("Asha",)]),
    ("Which customers have no orders?", [("Devi",)]),
    ("Which customers have more than 2 orders?", [("Asha",)]),
    ("What is the email of Asha?", [("asha@example.com",)]),
    ("What is the status and total of the order with id 13?", [("pending", 310)]),
    ("What is the average, minimum and maximum price of products?", [(520.5 / 3, 40, 400)]),
    ("Which products are in the seat category?", [("Chair",), ("Sofa",)]),
    ("List the names and ages of employees under age 40 sorted by age.", [("Gopal", 24), ("Esa", 31)]),
)
_GROUPS: tuple[tuple[str, list[tuple[object, ...]]], ...] = (
    ("How many customers are there in each city?", [("Chennai", 2), ("Madurai", 1), ("New Delhi", 1)]),
    ("Number of orders per status", [("cancelled", 1), ("pending", 2), ("shipped", 3)]),
    (
        "What is the average total of orders for each status?",
        [("cancelled", 80), ("pending", 185), ("shipped", 61.9166)],
    ),
    ("How many orders per city?", [("Chennai", 5), ("Madurai", 1)]),
    ("Show the name of each customer and the number of orders.", [("Asha", 3), ("Bala", 1), ("Chitra", 2)]),
    ("What is the average price per category?", [("light", 40), ("seat", 240.25)]),
    ("Which cities have at least two customers?", [("Chennai",)]),
    ("sum of total by city", [("Chennai", 590.5), ("Madurai", 45.25)]),
    ("number of orders by customer", [("Asha", 3), ("Bala", 1), ("Chitra", 2)]),
    ("How many orders per customer this week?", [("Asha", 1), ("Bala", 1), ("Chitra", 1)]),
)


@pytest.mark.parametrize(("question", "number"), _NUMBERS)
def test_a_question_for_a_number_gets_it(question: str, number: object) -> None:
    assert asked(question) == [(pytest.approx(number),)]


@pytest.mark.parametrize(("question", "rows"), _LISTS)
def test_a_question_for_a_list_gets_it_in_its_order(question: str, rows: list[tuple[object, ...]]) -> None:
    assert asked(question) == [tuple(pytest.approx(v) if isinstance(v, float) else v for v in row) for row in rows]


@pytest.mark.parametrize(("question", "rows"), _GROUPS)
def test_a_question_for_each_group_gets_each(question: str, rows: list[tuple[object, ...]]) -> None:
    assert sorted(asked(question)) == [
        tuple(pytest.approx(v, abs=1e-3) if isinstance(v, float) else v for v in row) for row in rows
    ]

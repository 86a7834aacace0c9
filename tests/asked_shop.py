"""The small shop's database as the planner knows it, filled, for questions in plain words."""

from __future__ import annotations

import sqlite3
from datetime import date

from actors.database.dialects import Family
from actors.database.facts import ColumnFacts, DatabaseFacts, Link, TableFacts
from actors.database.gate import Checked, check
from actors.database.planner import Declined, Planned, Planner, Vocabulary
from actors.database.privacy import privacy_of

AS_OF = date(2026, 11, 26)  # a Thursday

_CREATE = """
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(80) NOT NULL, email varchar(80), city varchar(40),
 joined_on date, password_hash varchar(80));
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers (id),
 status varchar(20), total numeric(10, 2), ordered_on date);
CREATE TABLE products (id integer PRIMARY KEY, name varchar(80), category varchar(40), price numeric(10, 2));
CREATE TABLE order_items (order_id integer NOT NULL REFERENCES orders (id), product_id integer NOT NULL
 REFERENCES products (id), quantity integer, PRIMARY KEY (order_id, product_id));
CREATE TABLE employees (id integer PRIMARY KEY, name varchar(80), age integer, department varchar(40), salary numeric);
INSERT INTO customers VALUES (1, 'Asha', 'asha@example.com', 'Chennai', '2025-01-05', 'h1'),
 (2, 'Bala', 'bala@example.com', 'Madurai', '2025-02-11', 'h2'),
 (3, 'Chitra', 'c@example.com', 'Chennai', '2026-03-19', 'h3'),
 (4, 'Devi', 'd@example.com', 'New Delhi', '2026-11-02', 'h4');
INSERT INTO orders VALUES (10, 1, 'shipped', 120.5, '2026-10-02'), (11, 1, 'cancelled', 80, '2026-11-09'),
 (12, 2, 'shipped', 45.25, '2026-11-24'), (13, 3, 'pending', 310, '2026-11-25'), (14, 1, 'pending', 60, '2026-11-23'),
 (15, 3, 'shipped', 20, '2025-11-25');
INSERT INTO products VALUES (1, 'Lamp', 'light', 40), (2, 'Chair', 'seat', 80.5), (3, 'Sofa', 'seat', 400);
INSERT INTO order_items VALUES (10, 1, 1), (10, 2, 1), (11, 1, 2), (12, 2, 1), (13, 1, 3), (14, 1, 1);
INSERT INTO employees VALUES (1, 'Esa', 31, 'sales', 100), (2, 'Fathima', 52, 'sales', 200),
 (3, 'Gopal', 24, 'store', 90);
"""


def _table(table: str, columns: str, *links: Link, key: tuple[str, ...] = ("id",), **values: str) -> TableFacts:
    facts = []
    for told in columns.split(", "):
        column, type_ = told.split(" ", 1)
        known = tuple(values[column].split("|")) if column in values else ()
        facts.append(
            ColumnFacts(
                name=column, type=type_, nullable=column not in key, privacy=privacy_of(column, type_), values=known
            )
        )
    return TableFacts(name=table, schema="main", columns=tuple(facts), key=key, links=links)


def _link(column: str, table: str) -> Link:
    return Link(columns=(column,), schema="main", table=table, keys=("id",))


FACTS = DatabaseFacts(
    tables=(
        _table(
            "customers",
            "id integer, name varchar, email varchar, city varchar, joined_on date, password_hash varchar",
            name="Asha|Bala|Chitra|Devi",
            city="Chennai|Madurai|New Delhi",
        ),
        _table(
            "orders",
            "id integer, customer_id integer, status varchar, total numeric, ordered_on date",
            _link("customer_id", "customers"),
            status="shipped|cancelled|pending",
        ),
        _table(
            "products",
            "id integer, name varchar, category varchar, price numeric",
            name="Lamp|Chair|Sofa",
            category="light|seat",
        ),
        _table(
            "order_items",
            "order_id integer, product_id integer, quantity integer",
            _link("order_id", "orders"),
            _link("product_id", "products"),
            key=("order_id", "product_id"),
        ),
        _table(
            "employees",
            "id integer, name varchar, age integer, department varchar, salary numeric",
            department="sales|store",
        ),
    )
)
ALLOWED = (
    "customers",
    "orders",
    "products",
    "order_items",
    "employees.id",
    "employees.name",
    "employees.age",
    "employees.department",
)


def planner(family: Family = Family.SQLITE, allowed: tuple[str, ...] = ALLOWED) -> Planner:
    return Planner(Vocabulary(FACTS, FACTS.schema(allowed)), family)


def planned(question: str, family: Family = Family.SQLITE) -> Planned:
    made = planner(family).plan(question, as_of=AS_OF)
    assert isinstance(made, Planned), f"{made} for {question}"
    return made


def declined(question: str, allowed: tuple[str, ...] = ALLOWED) -> Declined:
    made = planner(allowed=allowed).plan(question, as_of=AS_OF)
    assert isinstance(made, Declined), f"{made} for {question}"
    return made


def asked(question: str) -> list[tuple[object, ...]]:
    """The rows for it, by way of the gate."""
    verdict = check(planned(question).sql, Family.SQLITE, FACTS.schema(ALLOWED))
    assert isinstance(verdict, Checked), verdict
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(_CREATE)
        return connection.execute(verdict.statement).fetchall()
    finally:
        connection.close()

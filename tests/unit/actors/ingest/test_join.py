from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from actors.ingest.chunk import Chunk
from actors.ingest.join import join_pair, may_join
from actors.ingest.parse import parse
from actors.ingest.parsed import Parsed
from actors.ingest.ports import Ingested, LiveTable
from actors.ingest.rows import JoinTable, from_blob, person_joins, rows_graph, to_blob
from actors.ingest.tables import TypedTable, typed_tables


def whole(parsed: Parsed) -> list[Chunk]:
    end = len(parsed.text)
    return [Chunk(chunk_id="c", ordinal=0, text=parsed.text, start=0, end=end, page=None, heading="", context="")]


def typed(text: str, filename: str, document: str = "") -> TypedTable:
    return typed_tables(parse(text.encode(), filename), document_id=document or filename, version=1)[0]


def table(text: str, filename: str, document: str = "") -> JoinTable:
    parsed = parse(text.encode(), filename)
    made = typed_tables(parsed, document_id=document or filename, version=1)[0]
    return from_blob(LiveTable(type=made.type, rows_key=""), to_blob(made, whole(parsed)))


def found(one: JoinTable, two: JoinTable) -> set[tuple[str, str, str, str]]:
    joins = join_pair(one, two).joins
    return {(j.join.from_type, j.join.from_column, j.join.to_type, j.join.to_column) for j in joins}


CUSTOMERS = "id,name,email\n1,Ann Lee,ann@x.co\n2,Bo Ray,bo@x.co\n3,Cy Fox,cy@x.co\n4,Di Poe,di@x.co\n"


def test_a_column_of_identifiers_is_joined_by_declared_name() -> None:
    orders = table("order_id,customer_id\n11,1\n12,3\n13,1\n14,2\n", "orders.csv")
    assert found(orders, table(CUSTOMERS, "customers.csv")) == {("order", "customer_id", "customer", "id")}


def test_small_numbers_alone_are_no_join() -> None:
    stock = table("item,shelf\nlamp,1\noil,2\nwick,3\n", "stock.csv")
    assert found(stock, table(CUSTOMERS, "customers.csv")) == set()


def test_codes_and_names_are_joined_by_value() -> None:
    products = table("sku,name,price\nS-1,Brass Lamp,9\nS-2,Lamp Oil,3\nS-3,Wick,1\n", "products.csv")
    lines = table("order,article,part\n1,Brass Lamp,S-1\n2,Wick,S-3\n3,Lamp Oil,S-2\n", "lines.csv")
    assert found(lines, products) == {("line", "article", "product", "name"), ("line", "part", "product", "sku")}


def test_cells_that_hold_several_values_are_joined_one_by_one() -> None:
    products = table("sku,name\nS-1,Brass Lamp\nS-2,Lamp Oil\nS-3,Wick\n", "products.csv")
    orders = table("order_id,items\n1,S-1; S-2\n2,S-3\n3,S-1;S-3\n", "orders.csv")
    edges = {(r.from_id, r.to_id) for r in join_pair(orders, products).relations}
    assert ("row:order:1", "row:product:S-2") in edges
    assert len(edges) == 5


def test_addresses_join_people_however_few_there_are() -> None:
    mail = table("From: Ann <ann@x.co>\nTo: shop@x.co\nSubject: Late\nMessage-ID: <7@x>\n\nHi.", "m.eml")
    joined = join_pair(mail, table(CUSTOMERS, "customers.csv"))
    assert [(r.from_id, r.type, r.to_id, r.needs) for r in joined.relations] == [
        ("row:mail:7@x", "from", "row:customer:1", ("customers.csv", 1))
    ]


def test_identifiers_of_two_tables_are_not_mistaken_for_one_another() -> None:
    products = table("id,name\n1,Lamp\n2,Oil\n3,Wick\n4,Bell\n", "products.csv")
    assert found(products, table(CUSTOMERS, "customers.csv")) == set()


def test_a_reference_that_happens_to_be_unique_identifies_nothing() -> None:
    orders = table("order_id,customer_id,customer_email\n11,1,ann@x.co\n12,3,cy@x.co\n13,2,bo@x.co\n", "orders.csv")
    points = table("customer_id,points\n1,5\n2,6\n3,7\n", "points.csv")
    assert found(orders, table(CUSTOMERS, "customers.csv")) == {
        ("order", "customer_id", "customer", "id"),
        ("order", "customer_email", "customer", "email"),
    }
    assert found(orders, points) == {("order", "customer_id", "point", "customer_id")}


def test_two_tables_of_one_type_are_not_joined_by_their_key() -> None:
    text = "order_id,total\nA-1,1\nA-2,2\nA-3,3\n"
    assert found(table(text, "orders_2025.csv"), table(text, "orders_2026.csv")) == set()


def test_dangling_values_are_borne_up_to_one_in_twenty() -> None:
    known = "\n".join(f"C-{n},x{n}" for n in range(100, 160))
    customers = table(f"customer_id,tag\n{known}\n", "customers.csv")
    mostly = "\n".join(f"{n},C-{n}" for n in range(100, 141)) + "\n1,C-999\n"
    badly = "\n".join(f"{n},C-{n}" for n in range(100, 110)) + "\n1,C-999\n"
    assert found(table(f"order_id,client\n{mostly}", "orders.csv"), customers)
    assert not found(table(f"order_id,client\n{badly}", "orders.csv"), customers)


cells = st.sampled_from(["1", "2", "3", "12", "A-1", "A-2", "A-3", "Ann Lee", "Bo Ray", "ann@x.co", "bo@x.co", ""])
names = st.lists(
    st.sampled_from(["id", "order_id", "customer", "customer_id", "name", "email", "sku", "note"]),
    min_size=2,
    max_size=4,
    unique=True,
)


@st.composite
def csvs(draw: st.DrawFn) -> tuple[str, str]:
    header = draw(names)
    rows = draw(
        st.lists(st.lists(cells, min_size=len(header), max_size=len(header)).filter(any), min_size=1, max_size=6)
    )
    return ",".join(header) + "\n" + "\n".join(",".join(r) for r in rows), draw(
        st.sampled_from(["orders.csv", "customers.csv", "products.csv"])
    )


def joined(order: Sequence[JoinTable]) -> set[object]:
    """The edges that exist after the tables came in this order, each joined to those before it."""
    edges: set[object] = set()
    for n, new in enumerate(order):
        for old in order[:n]:
            both = join_pair(new, old)
            edges |= {(r.from_id, r.type, r.to_id, r.support, r.needs) for r in both.relations}
            edges |= set(both.joins)
            assert may_join(new.type, old.type) or not both.joins
    return edges


@given(st.lists(csvs(), min_size=2, max_size=4), st.randoms())
def test_the_order_in_which_tables_come_does_not_matter(texts: list[tuple[str, str]], random: object) -> None:
    tables = [table(text, name, f"d{n}") for n, (text, name) in enumerate(texts)]
    shuffled = list(tables)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert joined(tables) == joined(shuffled) == joined(tables[::-1])


def test_rows_lead_to_people_and_names() -> None:
    parsed = parse(CUSTOMERS.encode(), "customers.csv")
    made = typed(CUSTOMERS, "customers.csv")
    graph = rows_graph(made, whole(parsed))
    edges = {(r.from_id, r.type, r.to_id) for r in graph.relations}
    assert ("row:customer:1", "email", "email:ann@x.co") in edges
    assert ("row:customer:1", "named", "name:annlee") in edges
    assert ("email:ann@x.co", "named", "name:annlee") in edges
    person = next(e for e in graph.entities if e.entity_id == "email:ann@x.co")
    assert (person.type, person.name) == ("person", "Ann Lee")
    assert [(j.join.from_column, j.join.to_type) for j in person_joins(made)] == [("email", "person")]


def test_a_result_survives_json() -> None:
    made = typed(CUSTOMERS, "customers.csv")
    told = Ingested(
        pages=1,
        parsed_key="k",
        occurred_on=None,
        title="t",
        media_type="text/csv",
        chunks=(),
        entities=1,
        relations=1,
        tables=(LiveTable(type=made.type, rows_key="r"),),
        joins=tuple(person_joins(made)),
        seen=(("d", 1),),
    )
    adapter = TypeAdapter(Ingested)
    again = adapter.validate_json(adapter.dump_json(told))
    assert adapter.dump_json(again) == adapter.dump_json(told)


def database(*statements: str) -> list[JoinTable]:
    """The tables of a SQLite file."""
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in statements:
            made.execute(statement)
        made.commit()
        parsed = parse(made.serialize(), "shop.db")
    tables = typed_tables(parsed, document_id="shop.db", version=1)
    return [from_blob(LiveTable(type=t.type, rows_key=""), to_blob(t, whole(parsed))) for t in tables]


def test_declared_keys_join_tables_whose_names_and_values_say_nothing() -> None:
    people, sales = database(
        "CREATE TABLE people(nr integer primary key, called text, boss integer references people)",
        "CREATE TABLE sales(a integer primary key, who integer references people(nr), rival integer)",
        "INSERT INTO people VALUES (1, 'Ada', null), (2, 'Ben', 1), (3, 'Cy', 1)",
        "INSERT INTO sales VALUES (7, 3, 1), (8, 3, 2), (9, 99, 3)",  # 99 is nobody: declared is declared
    )
    assert people.type.key == "nr"
    assert found(sales, people) == {("sale", "who", "person", "nr")}
    edges = [(r.from_id, r.to_id) for r in join_pair(sales, people).relations]
    assert edges == [("row:sale:7", "row:person:3"), ("row:sale:8", "row:person:3")]
    assert {(r.from_id, r.type, r.to_id) for r in join_pair(people, people).relations} == {
        ("row:person:2", "boss", "row:person:1"),
        ("row:person:3", "boss", "row:person:1"),
    }
    assert may_join(sales.type, people.type)


def test_a_table_without_declared_keys_does_not_refer_to_itself() -> None:
    customers = table(CUSTOMERS, "customers.csv")
    assert found(customers, customers) == set()


def test_a_declared_key_that_the_rows_do_not_bear_out_is_none() -> None:
    [things] = database(
        "CREATE TABLE things(ref text primary key, name text)", "INSERT INTO things VALUES (null, 'a'), ('x', 'b')"
    )
    assert things.type.key != "ref"

"""Whatever was ingested and deleted again leaves the stores as if it had never been there."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing

import pytest
from ingest_works import Works

from runtime.ids import new_id

PEOPLE = ["Ada Bright", "Ben Cole", "Margaret Oakley", "Dr. Ada Bright", "A. Bright", "Oliver Grant"]
FIRMS = ["Harbour Lights Ltd", "Harbour Lights Limited", "Quay Lamps GmbH", "Northern Star Freight Inc."]
PLACES = ["Bristol", "Leeds", "New York", "Porto"]
GOODS = ["Brass Harbour Lantern", "Oak Table", "Glass Shade"]
CUSTOMERS = [f"C{n}" for n in range(1, 9)]


def letter(chance: random.Random) -> tuple[str, bytes]:
    """Running text that names what other files name, too."""
    lines = [f"# {chance.choice(GOODS)}", ""]
    for _ in range(chance.randrange(3, 30)):
        who, firm = chance.choice(PEOPLE), chance.choice(FIRMS)
        lines.append(
            chance.choice(
                [
                    f"{who} of {firm} in {chance.choice(PLACES)} asked about the {chance.choice(GOODS)}.",
                    f"Write to {who.split()[-1].lower()}@example.com about order A-{chance.randrange(100, 110)}.",
                    f"{firm} (formerly {chance.choice(FIRMS)}) sends parcels to {chance.choice(PLACES)}.",
                    "Nothing else happened that day.",
                ]
            )
        )
    return f"letter{chance.randrange(99)}.md", "\n".join(lines).encode()


def customers(chance: random.Random) -> tuple[str, bytes]:
    rows = ["customer_id,name,email"]
    for number, each in enumerate(chance.sample(CUSTOMERS, chance.randrange(3, 8))):
        name = chance.choice(PEOPLE)
        rows.append(f"{each},{name} {number},{name.split()[-1].lower()}{chance.choice(['', '2'])}@example.com")
    return "customers.csv", "\n".join(rows).encode()


def orders(chance: random.Random) -> tuple[str, bytes]:
    rows = ["order_no,date,customer,item"]
    for number in chance.sample(range(100, 110), chance.randrange(3, 9)):
        day = chance.randrange(1, 28)
        rows.append(f"A-{number},2026-10-{day:02d},{chance.choice(CUSTOMERS)},{chance.choice(GOODS)}")
    return "orders.csv", "\n".join(rows).encode()


def mail(chance: random.Random) -> tuple[str, bytes]:
    who = chance.choice(PEOPLE)
    return "mail.eml", (
        f"From: {who} <{who.split()[-1].lower()}@example.com>\nTo: shop@example.org\n"
        f"Subject: Order A-{chance.randrange(100, 110)}\nDate: Fri, 09 Oct 2026 10:11:00 +0200\n"
        f"Message-ID: <{chance.randrange(3)}@example.com>\n\n"
        f"The {chance.choice(GOODS)} from {chance.choice(FIRMS)} has not come to {chance.choice(PLACES)}. {who}\n"
    ).encode()


def database(chance: random.Random) -> tuple[str, bytes]:
    """A SQLite file with declared keys over the same customers."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("CREATE TABLE clients(id text primary key, name text, email text)")
        made.execute("CREATE TABLE visits(nr integer primary key, client text references clients, place text)")
        for each in chance.sample(CUSTOMERS, 4):
            name = chance.choice(PEOPLE)
            made.execute(
                "INSERT INTO clients VALUES (?, ?, ?)", (each, name, f"{name.split()[-1].lower()}@example.com")
            )
            made.execute("INSERT INTO visits(client, place) VALUES (?, ?)", (each, chance.choice(PLACES)))
        made.commit()
        return "clients.db", made.serialize()


KINDS: Sequence[Callable[[random.Random], tuple[str, bytes]]] = (letter, customers, orders, mail, database)


def files(chance: random.Random, number: int) -> list[tuple[str, str, bytes]]:
    return [(f"d{n}", *chance.choice(KINDS)(chance)) for n in range(number)]


@pytest.mark.parametrize("seed", range(8))
async def test_documents_that_were_deleted_again_leave_what_the_others_leave_alone(works: Works, seed: int) -> None:
    chance = random.Random(seed)
    made = files(chance, chance.randrange(2, 6))
    gone = {name for name, _, _ in chance.sample(made, chance.randrange(1, len(made)))}
    alone = works.of(new_id("t"))
    try:
        for document, filename, data in made:
            if document in gone and chance.random() < 0.3:
                await works.ingest(document, *chance.choice(KINDS)(chance))
                await works.ingest(document, filename, data, version=2)
                continue
            await works.ingest(document, filename, data)
        for document in sorted(gone):
            await works.delete(document)
        for document, filename, data in made:
            if document not in gone:
                await alone.ingest(document, filename, data)
        after, expected = await works.everything(), await alone.everything()
        assert after["graph"] == expected["graph"]
        assert after["vectors"] == expected["vectors"]
        assert expected["vectors"]
    finally:
        await alone.drop()


@pytest.mark.parametrize("seed", range(3))
async def test_a_document_that_was_replaced_leaves_what_its_new_version_leaves_alone(works: Works, seed: int) -> None:
    chance = random.Random(100 + seed)
    alone = works.of(new_id("t"))
    others = files(chance, 3)
    old, new = chance.choice(KINDS)(chance), chance.choice(KINDS)(chance)
    try:
        await works.ingest("own", *old)
        for document, filename, data in others:
            await works.ingest(document, filename, data)
            await alone.ingest(document, filename, data)
        await works.ingest("own", *new, version=2)
        await alone.ingest("own", *new, version=2)
        assert await works.everything() == await alone.everything()
    finally:
        await alone.drop()


@pytest.mark.parametrize("seed", range(3))
async def test_a_second_ingest_of_the_same_bytes_changes_no_row(works: Works, seed: int) -> None:
    chance = random.Random(200 + seed)
    made = files(chance, 3)
    for document, filename, data in made:
        await works.ingest(document, filename, data)
    before = await works.everything()
    for document, filename, data in made:  # the job comes again, as after a worker's death
        await works.ingest(document, filename, data)
    assert await works.everything() == before


async def test_what_one_tenant_ingests_and_deletes_changes_nothing_of_another(works: Works) -> None:
    chance = random.Random(300)
    made, other = files(chance, 4), works.of(new_id("t"))
    try:
        for document, filename, data in made:
            await other.ingest(document, filename, data)
        before = await other.everything()
        for document, filename, data in made:  # the same names, addresses, keys and document ids
            await works.ingest(document, filename, data)
        assert await works.everything() == before
        for document, _, _ in made:
            await works.delete(document)
        assert await other.everything() == before
        emptied = await works.everything()
        assert not any(rows for name, rows in emptied["graph"].items() if name != "whole")
        assert emptied["vectors"] == []
        names = ["name:adabright", "email:bright@example.com", "row:customer:C1", "row:order:A-101"]
        assert await works.graph.lookup(names) == []
        assert await works.graph.hops(names) == []
        assert await works.graph.by_type("order") == []
        assert await works.graph.mentions(names) == []
    finally:
        await other.drop()

"""Files that tell of people are found by what is in them; a catalogue stays a catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest
from office_files import docx_of

from actors.audience import Audience
from actors.ingest.parse import parse
from actors.ingest.people import tells_of_people
from actors.ingest.pipeline import _audience

SAMPLE = Path(__file__).parents[4] / "cluster" / "sample_business"


def told(name: str, text: str) -> bool:
    return tells_of_people(parse(text.encode(), name))


@pytest.mark.parametrize(
    "text",
    [
        "k,v\na,ann@example.org\nb,bob@example.org\n",
        'k,v\na,"Ann <ann@example.org>, home"\nb,-\n',
        "k,v\na,+49 30 901820\nb,+49 30 901821\n",
        "k,v\na,(020) 7946 0958\nb,020 7946 0959\n",
        "k,v\na,212-555-0147\nb,212.555.0148\n",
        "k,v\na,98450 12345\nb,98450 12346\n",
        "k,v\na,01.42.68.53.00\nb,01.42.68.53.01\n",
        "k,v\na,07700900123\nb,07700900124\n",
        "k,mobile_no\na,9845012345\nb,9845012346\n",
        "order,customer_id,total\nA1,7,10\nA2,8,11\n",
        "order,Client,total\nA1,Ann,10\nA2,Bob,11\n",
        "order,customers\nA1,Ann; Bob\nA2,Cy\n",
        "First Name,Surname,Grade\nAnn,Lee,3\nBob,Ray,4\n",
        "k,notes\na,from ann@example.org\nb,x\nc,bob@example.org and cy@example.org\nd,y\ne,z\nf,w\ng,v\n",
    ],
)
def test_tables_of_people_are_found_by_their_values(text: str) -> None:
    assert told("list.csv", text)


@pytest.mark.parametrize(
    "text",
    [
        "sku,name,price,customer_rating\nA-100-200,Lamp,12.50,4.5\nA-100-201,Desk,1200.00,4.1\n",
        "isbn,title,published\n978-3-16-148410-0,Bergen,2020-01-31\n978-0-306-40615-7,Rain,2021-02-28\n",
        "ean,size,stock\n4006381333931,10 x 20 x 30,1000200\n4006381333948,100-200-300,1000300\n",
        "code,from,to\n036000291452,2024-01-01,2024-12-31\n036000291469,2025-01-01,2025-12-31\n",
        "sku,name,about\nA1,Lamp,Questions: help@example.org\nA2,Desk,Oak\nA3,Rug,Wool\nA4,Mug,Clay\n",
        "ip,range\n192.168.10.200,10.0.0.0\n192.168.10.201,10.0.0.1\n",
        "room,guests,price_per_person\nSea,2,90\nHill,3-4,70\n",
        "part,serial\nA,12345678901\nB,12345678902\n",
    ],
)
def test_a_catalogue_is_no_table_of_people(text: str) -> None:
    assert not told("catalogue.csv", text)


def test_a_table_is_told_by_its_name_too() -> None:
    assert told("Customers_2026-10 (final).csv", "name,town\nAnn,Bergen\nBob,Oslo\n")
    assert told("customers.csv", "name,town\nAnn,Bergen\nBob,Oslo\n")
    assert told("shop.json", '{"clients": [{"n": "Ann"}, {"n": "Bob"}], "goods": [{"n": "Lamp"}]}')


def test_a_policy_may_say_whom_to_write_to() -> None:
    text = "# Returns\n\nWrite to a@example.org, b@example.org or c@example.org, or call +49 30 901820.\n"
    assert not told("returns.md", text)


@pytest.mark.parametrize("file", sorted(SAMPLE.glob("*/*")), ids=lambda file: file.name)
def test_the_sample_business_is_told_apart(file: Path) -> None:
    expected = file.parent.name == "mail" or file.name in ("customers.csv", "orders.csv")
    assert tells_of_people(parse(file.read_bytes(), file.name)) == expected


def test_a_file_with_remarks_that_its_readers_do_not_see_is_for_staff() -> None:
    words = "<w:p><w:r><w:t>Returns within 30 days.</w:t></w:r></w:p>"
    assert _audience(parse(docx_of(words), "a.docx")) is Audience.PUBLIC
    assert _audience(parse(docx_of(words, comment="We never check."), "a.docx")) is Audience.STAFF

"""Ingestion against the real stores, parser and models."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
import fpdf
import pytest
from ingest_board import collect_job
from ingest_works import Works

POLICY = """# Returns

Customers may return unopened lanterns within thirty days of delivery to Harbour Lights Ltd in Bristol.

## Refunds

Refunds are paid by Margaret Oakley to the original payment method within five working days.
"""
CUSTOMERS = (
    b"customer_id,name,email\nC1,Ada Bright,ada@example.com\nC2,Ben Cole,ben@example.com\nC3,Cy Dane,cy@example.com\n"
)
ORDERS = (
    b"order_no,date,customer,total\nA-100,2026-10-02,C1,12.50\nA-101,2026-10-03,C3,8.00\n"
    b"A-102,2026-10-05,C2,3.10\nA-103,2026-10-06,C1,99.00\n"
)
MAIL = (
    b"From: Ada Bright <ada@example.com>\nTo: shop@example.org\nSubject: Where is my parcel?\n"
    b"Date: Fri, 09 Oct 2026 10:11:00 +0200\nMessage-ID: <1@example.com>\n\nOrder A-100 has not arrived.\n"
)


def pdf() -> bytes:
    made = fpdf.FPDF()
    made.add_page()
    made.set_font("Helvetica", size=18)
    made.multi_cell(0, 10, "Delivery times", new_x="LMARGIN", new_y="NEXT")
    made.set_font("Helvetica", size=11)
    words = (
        "Parcels to the islands leave on Tuesdays and take four working days because the ferry runs once a week. " * 6
    )
    made.multi_cell(0, 6, words, new_x="LMARGIN", new_y="NEXT")
    made.add_page()
    made.multi_cell(0, 6, "Mainland parcels take two days.", new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def word() -> bytes:
    made = docx.Document()
    made.add_heading("Care guide", 1)
    made.add_paragraph("Polish the brass with a dry cloth.")
    made.add_heading("Glass", 2)
    made.add_paragraph("Wash glass shades by hand in lukewarm water.")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


FORMATS = [
    ("policy.md", POLICY.encode(), "within thirty days of delivery"),
    ("policy.txt", POLICY.replace("#", "").encode("utf-16"), "within thirty days of delivery"),
    (
        "policy.html",
        b"<html><head><title>Returns</title></head><body><p>Return it within <b>thirty</b> days.</p></body></html>",
        "within thirty days",
    ),
    ("times.pdf", pdf(), "because the ferry runs once a week."),
    ("care.docx", word(), "Wash glass shades by hand in lukewarm water."),
    ("customers.csv", CUSTOMERS, "customer_id: C1; name: Ada Bright; email: ada@example.com"),
    ("mail.eml", MAIL, "Order A-100 has not arrived."),
]


@pytest.mark.parametrize(("filename", "data", "quote"), FORMATS, ids=[name for name, _, _ in FORMATS])
async def test_every_format_becomes_chunks_that_quote_the_parsed_text(
    works: Works, filename: str, data: bytes, quote: str
) -> None:
    made = await works.ingest("d1", filename, data)
    text = (await works.blobs.get(made.parsed_key)).decode()
    chunks = await works.chunks(made)
    assert quote in text
    assert any(quote in chunk.text for chunk in chunks)
    assert len(chunks) == len(made.chunks) == await works.vectors.count("d1", 1)
    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in chunks)


async def test_a_run_after_an_interrupted_one_ends_with_the_rows_of_one_run(works: Works) -> None:
    long = "\n\n".join(f"{POLICY}\nNote {n}: Oliver Grant of Leeds wrote on a {n}th sheet." for n in range(60)).encode()
    made = await works.ingest("d1", "policy.md", long)
    before = await works.rows(("d1", 1))
    hits = await works.chunks(made)
    # As after a kill -9 between two batches: the job comes again, some rows are there.
    await works.pipeline.run(await works.upload("d1", "policy.md", long), works.board)
    assert await works.rows(("d1", 1)) == before
    assert await works.chunks(made) == hits


async def test_rows_of_another_parse_of_the_same_version_are_replaced(works: Works) -> None:
    await works.pipeline.run(await works.upload("d1", "p.md", (POLICY * 9).encode()), works.board)
    made = await works.pipeline.run(await works.upload("d1", "p.md", POLICY.encode()), works.board)
    assert await works.vectors.count("d1", 1) == len(made.chunks) == 1
    assert (await works.graph.count("d1", 1))[0] == made.entities


async def test_a_replaced_document_leaves_only_its_new_version(works: Works) -> None:
    await works.ingest("d1", "policy.md", POLICY.encode())
    await works.ingest("d1", "policy.md", POLICY.replace("thirty", "forty").encode(), version=2)
    assert await works.vectors.count("d1", 1) == 0
    assert await works.graph.count("d1", 1) == (0, 0)
    assert await works.vectors.count("d1", 2) == 1
    assert works.board.removed["d1.1"]["vectors"] == 1


async def test_collecting_the_only_version_leaves_nothing(works: Works) -> None:
    await works.ingest("d1", "customers.csv", CUSTOMERS)
    await works.ingest("d2", "orders.csv", ORDERS)
    for document in ("d1", "d2"):
        works.board.queue.append(collect_job(await works.upload(document, "x", b"x"), 1))
    await works.work()
    assert await works.rows(("d1", 1), ("d2", 1)) == (
        ("chunks", "d1", 0),
        ("graph", "d1", (0, 0)),
        ("chunks", "d2", 0),
        ("graph", "d2", (0, 0)),
        ("customer", ()),
        ("order", ()),
        ("mail", ()),
        ("edges", ()),
    )
    assert await works.blobs.delete("") == 0


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_tables_and_mails_are_joined_in_whatever_order_they_come(works: Works, order: Sequence[int]) -> None:
    files = [("customers.csv", CUSTOMERS), ("orders.csv", ORDERS), ("mail.eml", MAIL)]
    for index in order:
        await works.ingest(f"d{index}", *files[index])
    hops = await works.graph.hops(["row:order:A-100"])
    assert {(h.relation, h.to_id) for h in hops} >= {("customer", "row:customer:C1"), ("named", "name:a100")}
    mail = await works.graph.hops(["row:mail:1@example.com"])
    assert {(h.relation, h.to_id) for h in mail} >= {
        ("from", "email:ada@example.com"),
        ("from", "row:customer:C1"),
    }
    joins = {j.join.relation for _, made in works.board.live.values() for j in made.joins if j.needs_document_id}
    assert joins == {"customer", "from"}


async def test_a_new_version_of_one_table_keeps_it_joined(works: Works) -> None:
    await works.ingest("d1", "customers.csv", CUSTOMERS)
    await works.ingest("d2", "orders.csv", ORDERS)
    before = await works.graph.hops(["row:order:A-100"], relations=["customer"])
    await works.ingest("d1", "customers.csv", CUSTOMERS, version=2)
    after = await works.graph.hops(["row:order:A-100"], relations=["customer"])
    assert [h.needs for h in before] == [("d1", 1)]
    assert [h.needs for h in after] == [("d1", 2)]


@pytest.mark.parametrize(
    ("filename", "data", "reason"),
    [
        ("a.pdf", b"%PDF-1.7 broken", "damaged"),
        ("a.exe", b"MZ\x00\x01\x02" * 50, "not supported"),
        ("a.txt", b"  \n ", "empty"),
    ],
)
async def test_a_file_that_cannot_be_read_fails_with_a_reason(
    works: Works, filename: str, data: bytes, reason: str
) -> None:
    works.board.queue.append(await works.upload("bad", filename, data))
    works.board.queue.append(await works.upload("good", "p.md", POLICY.encode()))
    await works.work()
    told, retryable = works.board.failed["bad"]
    assert reason in told
    assert not retryable
    assert (works.tenant, "good") in works.board.live


async def test_several_documents_at_once_share_the_models(works: Works) -> None:
    for number in range(6):
        works.board.queue.append(await works.upload(f"d{number}", "policy.md", POLICY.encode()))
    await works.work()
    assert works.board.failed == {}
    counts = {await works.graph.count(f"d{number}", 1) for number in range(6)}
    assert len(counts) == 1
    assert counts != {(0, 0)}

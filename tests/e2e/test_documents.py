"""Documents through the real door: taken in, found, cited, replaced and deleted; what can't be read is said."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import made_files
import pytest
from running_stack import RunningStack, TenantAccess
from stack_stores import StackStores
from tenant_client import MODES, TenantClient

PAPER = "Members of the Teal Club get twelve per cent off paper lanterns. {} keeps the club's books."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A file that alone tells something, a question for it, words of the answer, and a name to look up in the graph."""

    filename: str
    data: bytes
    question: str
    answer: str
    name: str


FILES = [
    Told(
        filename="festival.pdf",
        data=made_files.pdf(
            "Festival",
            [
                "The lantern festival at Harrowgate Pier begins at 19:45 on the first Friday of October.",
                "Margaret Oakley opens it with a speech. Visitors park behind the old fish market.",
            ],
        ),
        question="When does the lantern festival begin?",
        answer="19:45",
        name="Margaret Oakley",
    ),
    Told(
        filename="club.docx",
        data=made_files.docx_file("The Teal Club", [PAPER.format("Silas Thornbury")]),
        question="How much do members of the Teal Club get off paper lanterns?",
        answer="twelve per cent",
        name="Silas Thornbury",
    ),
    Told(
        filename="workshop.html",
        data=made_files.html(
            "Workshop",
            [
                "The glass workshop takes at most eight guests at a time.",
                "Beatrice Lindqvist teaches it in Gothenburg every winter.",
            ],
        ),
        question="How many guests does the glass workshop take?",
        answer="eight guests",
        name="Beatrice Lindqvist",
    ),
    Told(
        filename="repairs.md",
        data=made_files.markdown(
            "Repairs", ["A cracked chimney is replaced within nine days. Repairs are done by Edmund Farraday."]
        ),
        question="How soon is a cracked chimney replaced?",
        answer="nine days",
        name="Edmund Farraday",
    ),
    Told(
        filename="storage.txt",
        data=made_files.text(
            "Storage", ["Lamp oil is stored below sixteen degrees. Rosalind Achterberg checks the cellar each Monday."]
        ),
        question="At what temperature is lamp oil stored?",
        answer="sixteen degrees",
        name="Rosalind Achterberg",
    ),
    Told(
        filename="stock.csv",
        data=made_files.table(
            [
                {"sku": "LN-1", "name": "Copper Storm Lantern", "price": "48.50", "shelf": "B4"},
                {"sku": "LN-2", "name": "Walnut Reading Lamp", "price": "71.00", "shelf": "C2"},
                {"sku": "LN-3", "name": "Beeswax Tea Candle", "price": "3.20", "shelf": "A9"},
            ]
        ),
        question="What is the price of the Walnut Reading Lamp?",
        answer="71.00",
        name="Walnut Reading Lamp",
    ),
    Told(
        filename="complaint.eml",
        data=made_files.mail(
            "My parcel from the spring sale",
            ["Dear shop,", "the hinge of my garden lantern snapped on the second evening.", "Ottilie Brandvold"],
            sender="Ottilie Brandvold <ottilie@example.com>",
            to="shop@example.org",
        ),
        question="What happened to the hinge of the garden lantern?",
        answer="snapped",
        name="Ottilie Brandvold",
    ),
]
EVERY_FILE = pytest.mark.parametrize("told", FILES, ids=lambda told: told.filename)


@pytest.fixture(scope="module")
async def library(stack: RunningStack) -> AsyncIterator[TenantClient]:
    """A tenant with one file of every kind, taken in at once."""
    client = TenantClient(stack.url, stack.create_tenant("every kind of file").key)
    accepted = [await client.upload(told.filename, told.data, told.filename) for told in FILES]
    jobs = [await client.ended(one["job_id"]) for one in accepted]
    assert [(job["document_id"], job["state"], job["error"]) for job in jobs] == [
        (told.filename, "done", "") for told in FILES
    ]
    yield client
    await client.close()


async def test_every_kind_of_file_is_listed_with_what_was_found_in_it(library: TenantClient) -> None:
    listed = {found["document_id"]: found for found in (await library.call("GET", "/v1/documents"))["documents"]}
    assert listed.keys() == {told.filename for told in FILES}
    for told in FILES:
        document = listed[told.filename]
        assert (document["state"], document["error"], document["version"]) == ("ready", "", 1)
        assert document["chunks"] >= 1
        assert document["entities"] >= 1
        assert document["size"] == len(told.data)


@EVERY_FILE
@pytest.mark.parametrize("mode", MODES)
async def test_every_kind_of_file_is_found_in_every_mode(told: Told, mode: str, library: TenantClient) -> None:
    results = await library.search(told.name if mode == "graph" else told.question, mode=mode)
    assert told.filename in [result["document_id"] for result in results]
    assert all(result["span"]["start"] < result["span"]["end"] for result in results)
    if mode != "hybrid":
        assert {result["source"] for result in results} == {mode}


@EVERY_FILE
async def test_an_answer_quotes_the_file_and_the_passage_behind_the_quote_is_there(
    told: Told, library: TenantClient
) -> None:
    answer = await library.chat(told.question)
    assert answer["status"] == "answered"
    assert told.answer in answer["answer"]
    first = answer["citations"][0]
    assert first["document_id"] == told.filename
    for citation in answer["citations"]:
        assert f"[{citation['n']}]" in answer["answer"]
        place = f"/v1/documents/{citation['document_id']}/chunks/{citation['chunk_id']}"
        passage = await library.call("GET", place)
        assert citation["quote"] in passage["text"]
        assert passage["span"]["end"] - passage["span"]["start"] == len(passage["text"])


async def test_a_search_keeps_to_the_documents_it_was_told(library: TenantClient) -> None:
    for mode in MODES:
        results = await library.search("lantern", mode=mode, filter={"document_ids": ["club.docx", "stock.csv"]})
        assert {result["document_id"] for result in results} <= {"club.docx", "stock.csv"}


async def test_an_ingestion_is_followed_to_its_end(tenant: TenantClient) -> None:
    accepted = await tenant.upload("repairs.md", FILES[3].data)
    events = [event async for event in tenant.events("GET", f"/v1/jobs/{accepted['job_id']}")]
    assert {event.event for event in events} == {"progress"}
    states = [event.data["state"] for event in events]
    assert states[-1] == "done"
    assert states == sorted(states, key=["queued", "running", "done"].index)


async def test_a_document_is_replaced_at_once_and_the_old_text_is_never_found_again(
    tenant: TenantClient, access: TenantAccess, stores: StackStores
) -> None:
    old = "The harbour fee is 410 crowns a night. It is paid to Wilhelm Osterman."
    new = "The harbour fee is 520 crowns a night. It is paid to Wilhelm Karlsson."
    await tenant.ingest("other.md", made_files.markdown("Water", ["Fresh water at the harbour is free."]), "other")
    await tenant.ingest("fee.md", made_files.markdown("Fee", [old]), "fee")
    before = await tenant.search("What is the harbour fee?", k=20)
    assert old in " ".join(result["text"] for result in before)

    accepted = await tenant.upload("fee.md", made_files.markdown("Fee", [new]), "fee")
    ended = asyncio.create_task(tenant.ended(accepted["job_id"]))
    modes = ("keyword", "vector", "hybrid")
    seen = dict(zip(modes, await asyncio.gather(*(_while(ended, tenant, mode) for mode in modes)), strict=True))
    assert (await ended)["state"] == "done"
    for mode, texts in seen.items():
        assert all((old in text) != (new in text) for text in texts), f"{mode}: both or none at some moment: {texts}"
        assert sorted(texts, key=lambda text: new in text) == texts, f"{mode}: the old text came back"

    for mode in MODES:
        for query in ("What is the harbour fee?", "Wilhelm Osterman", "Wilhelm Karlsson"):
            texts = [result["text"] for result in await tenant.search(query, mode=mode, k=20)]
            assert not any("410" in text or "Osterman" in text for text in texts)
    answer = await tenant.chat("What is the harbour fee?")
    assert "520" in answer["answer"]
    assert (await tenant.call("GET", "/v1/documents/fee"))["version"] == 2
    gone = f"/v1/documents/fee/chunks/{next(result['chunk_id'] for result in before if old in result['text'])}"
    assert (await tenant.http.get(gone)).status_code == 404

    await _collected(stores, access.tenant, "fee", 1)
    assert await stores.vectors(access.tenant, "fee", 2) == 1
    assert len(stores.blobs(access.tenant, "uploads/fee/")) == 1
    names = await _names(stores, access)
    assert "Wilhelm Karlsson" in names
    assert not any("Osterman" in name for name in names)


async def _while(ended: asyncio.Task[dict[str, Any]], tenant: TenantClient, mode: str) -> list[str]:
    """What searches find, one after the other, until the job has ended and once more."""
    found = []
    while True:
        last = ended.done()
        found.append(" ".join(result["text"] for result in await tenant.search("harbour fee", mode=mode, k=20)))
        if last:
            return found


async def test_a_deleted_document_leaves_nothing_but_what_others_support(
    tenant: TenantClient, access: TenantAccess, stores: StackStores
) -> None:
    shared = "Margaret Oakley"
    await tenant.ingest("kept.md", made_files.markdown("Kept", [f"Bills are paid to {shared} in Bristol."]), "kept")
    await tenant.ingest(
        "gone.md", made_files.markdown("Gone", [f"{shared} met Cornelius Vandermeer in Rotterdam."]), "gone"
    )
    assert {shared, "Cornelius Vandermeer", "Rotterdam"} <= await _names(stores, access)
    (passage,) = await tenant.search("Rotterdam", mode="keyword")
    deleted = await tenant.call("DELETE", "/v1/documents/gone")
    assert (await tenant.http.get(f"/v1/documents/gone/chunks/{passage['chunk_id']}")).status_code == 404
    for mode in MODES:
        results = await tenant.search("Cornelius Vandermeer met whom in Rotterdam?", mode=mode, k=20)
        assert "gone" not in [result["document_id"] for result in results]
    left = await tenant.http.get("/v1/documents/gone")
    assert left.status_code == 404 or left.json()["state"] == "deleting"
    assert (await tenant.ended(deleted["job_id"]))["state"] == "done"
    assert (await tenant.http.get("/v1/documents/gone")).status_code == 404
    assert await stores.vectors(access.tenant, "gone", 1) == 0
    assert await stores.graph(access.tenant, "gone", 1) == (0, 0)
    assert [key for key in stores.blobs(access.tenant) if "gone" in key] == []
    names = await _names(stores, access)
    assert shared in names
    assert not {"Cornelius Vandermeer", "Rotterdam"} & names
    assert (await tenant.chat("Whom did Cornelius Vandermeer meet in Rotterdam?"))["status"] == "declined"


@pytest.mark.parametrize(
    ("filename", "data", "reason"),
    [
        ("lost.pdf", made_files.broken_pdf(), "damaged"),
        ("lost.docx", made_files.broken_docx(), "damaged"),
        ("secret.pdf", made_files.pdf("Secret", ["Nobody reads this."], password="pass"), "encrypted"),
        ("empty.txt", b"", "empty"),
        ("blank.md", b" \n\n", "empty"),
        ("photo.png", made_files.picture(), "not supported"),
        ("program.exe", b"MZ\x90\0" + bytes(range(256)) * 8, "not supported"),
        ("renamed.txt", bytes(range(256)) * 20, "not supported"),
    ],
)
async def test_a_file_that_cannot_be_read_fails_with_its_reason_and_nothing_else_suffers(
    filename: str, data: bytes, reason: str, bad: TenantClient
) -> None:
    accepted = await bad.upload(filename, data, filename)
    job = await bad.ended(accepted["job_id"])
    assert job["state"] == "failed"
    assert reason in job["error"]
    assert "Traceback" not in job["error"]
    document = await bad.call("GET", f"/v1/documents/{filename}")
    assert (document["state"], document["error"]) == ("failed", job["error"])
    assert (await bad.http.get("/readyz")).status_code == 200


async def test_after_files_that_cannot_be_read_the_next_good_one_is(bad: TenantClient) -> None:
    assert (await bad.ingest("repairs.md", FILES[3].data))["state"] == "ready"
    assert (await bad.chat(FILES[3].question))["status"] == "answered"


async def test_a_broken_new_version_leaves_the_old_one_in_place(bad: TenantClient) -> None:
    await bad.ingest("prices.txt", made_files.text("Prices", ["A garden torch costs fourteen crowns."]), "prices")
    accepted = await bad.upload("prices.pdf", made_files.broken_pdf(), "prices")
    assert (await bad.ended(accepted["job_id"]))["state"] == "failed"
    assert "fourteen crowns" in (await bad.chat("What does a garden torch cost?"))["answer"]


@pytest.fixture(scope="module")
async def bad(stack: RunningStack) -> AsyncIterator[TenantClient]:
    """The tenant whose files can't be read."""
    client = TenantClient(stack.url, stack.create_tenant("files that can't be read").key)
    yield client
    await client.close()


async def test_what_is_too_large_is_refused_with_413(
    stack: RunningStack, tenant: TenantClient, access: TenantAccess
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.port)
    try:
        writer.write(
            f"POST /v1/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {access.key}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000000\r\n\r\n".encode()
        )
        async with asyncio.timeout(30):
            assert (await reader.readline()).split()[1] == b"413"
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    answer = await tenant.http.post("/v1/chat", json={"message": "x" * 3_000_000})
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:ragleap:problem:too-large"


async def _names(stores: StackStores, access: TenantAccess) -> set[str]:
    shape = await stores.graph_shape(access.tenant)
    return {name for _, name, _ in shape["entities"]}


async def _collected(stores: StackStores, tenant: str, document_id: str, version: int) -> None:
    """Wait until nothing is left of an old version."""
    waiting = "SELECT 1 FROM jobs WHERE tenant_id = :tenant AND kind = 'collect' AND state IN ('queued', 'running')"
    until = time.monotonic() + 60
    while await stores.vectors(tenant, document_id, version) or stores.rows(waiting, tenant=tenant):
        assert time.monotonic() < until
        await asyncio.sleep(0.2)
    assert await stores.graph(tenant, document_id, version) == (0, 0)

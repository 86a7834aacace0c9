"""Documents, jobs and search through the door."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from stand_ins.door import QUOTE, StandInPlatform, listening, served
from stand_ins.tenant import Tenant

from runtime.config import Settings
from runtime.errors import Overloaded
from runtime.message import Tier


async def test_an_upload_is_stored_and_queued(owner: httpx.AsyncClient, shop: Tenant) -> None:
    answer = await owner.post(
        "/v1/documents",
        files={"file": ("C:\\docs\\terms.md", b"# Terms\n", "application/octet-stream")},
        data={"document_id": "terms", "title": "Our terms", "metadata": json.dumps({"year": 2026, "by": "Ann"})},
    )
    assert answer.status_code == 202
    assert answer.json() == {"document_id": "terms", "job_id": answer.json()["job_id"]}
    document = (await owner.get("/v1/documents/terms")).json()
    assert document["title"] == "Our terms"
    assert document["filename"] == "terms.md"
    assert document["media_type"] == "text/markdown"
    assert document["metadata"] == {"year": "2026", "by": "Ann"}
    assert [data for key, data in shop.blobs.items() if key.startswith("uploads/terms/")] == [b"# Terms\n"]


async def test_a_repeat_with_its_idempotency_key_makes_no_second_document(
    owner: httpx.AsyncClient, shop: Tenant
) -> None:
    async def upload() -> dict[str, str]:
        answer = await owner.post(
            "/v1/documents", files={"file": ("a.txt", b"text")}, headers={"Idempotency-Key": "once"}
        )
        return dict(answer.json())

    assert await upload() == await upload()
    assert len([key for key in shop.blobs if key.startswith("uploads/")]) == 1
    assert len([name for name in shop.documents if name.startswith("doc_")]) == 1


async def test_a_refused_upload_leaves_no_file_behind(
    owner: httpx.AsyncClient, shop: Tenant, platform: StandInPlatform
) -> None:
    platform.refuse = Overloaded("The queue of ingestions is full.", retry_after=7)
    answer = await owner.post("/v1/documents", files={"file": ("a.txt", b"text")})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    assert not [key for key in shop.blobs if key.startswith("uploads/")]


async def test_an_upload_is_batch_work_so_that_short_memory_refuses_it_before_questions(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    await owner.post("/v1/documents", files={"file": ("a.txt", b"text")})
    await owner.post("/v1/chat", json={"message": "x"})
    assert [envelope.tier for envelope in platform.seen] == [Tier.BATCH, Tier.INTERACTIVE]


async def test_an_upload_over_the_limit_is_413(owner: httpx.AsyncClient, shop: Tenant) -> None:
    answer = await owner.post("/v1/documents", files={"file": ("big.txt", b"x" * 200_001)})
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:ragleap:problem:too-large"
    assert "200,000" in answer.json()["detail"]
    assert not [key for key in shop.blobs if key.startswith("uploads/")]


async def test_an_upload_of_declared_size_over_the_limit_is_refused_before_it_is_sent(url: str, shop: Tenant) -> None:
    async with raw_upload(url, shop, "Content-Length: 99000000") as (reader, _):
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")


async def test_an_upload_of_unknown_size_is_refused_while_it_streams(url: str, shop: Tenant) -> None:
    async with raw_upload(url, shop, "Transfer-Encoding: chunked") as (reader, writer):
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.txt"\r\n\r\n'
        writer.write(b"%x\r\n%b\r\n" % (len(head), head))
        for _ in range(5):
            writer.write(b"%x\r\n%b\r\n" % (100_000, b"x" * 100_000))
        await writer.drain()
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")


@contextlib.asynccontextmanager
async def raw_upload(
    url: str, tenant: Tenant, framing: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """An upload whose body never ends, so that only an answer before its end is an answer."""
    host, port = url.removeprefix("http://").split(":")
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST /v1/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.key}\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\n{framing}\r\n\r\n".encode()
        )
        try:
            yield reader, writer
        finally:
            writer.close()


async def test_uploads_that_are_none_say_what_is_wrong(owner: httpx.AsyncClient) -> None:
    answers = {
        "no multipart": await owner.post("/v1/documents", json={"file": "x"}),
        "no file": await owner.post("/v1/documents", files={"other": ("a.txt", b"x")}),
        "text for file": await owner.post("/v1/documents", files={"x": ("a", b"x")}, data={"file": "x"}),
        "bad id": await owner.post("/v1/documents", files={"file": ("a", b"x")}, data={"document_id": "../../etc"}),
        "bad metadata": await owner.post("/v1/documents", files={"file": ("a", b"x")}, data={"metadata": "[1]"}),
        "broken body": await owner.post(
            "/v1/documents", content=b"nothing", headers={"Content-Type": "multipart/form-data"}
        ),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "no multipart": 415,
        "no file": 422,
        "text for file": 422,
        "bad id": 422,
        "bad metadata": 422,
        "broken body": 422,
    }
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers.values())


async def test_documents_are_listed_page_by_page(
    owner: httpx.AsyncClient, platform: StandInPlatform, shop: Tenant
) -> None:
    platform.add_policy(shop, "second")
    first = (await owner.get("/v1/documents", params={"limit": 1})).json()
    rest = (await owner.get("/v1/documents", params={"after": first["next"]})).json()
    assert [found["document_id"] for found in first["documents"] + rest["documents"]] == ["policy", "second"]
    assert rest["next"] is None


async def test_a_deleted_document_is_gone(owner: httpx.AsyncClient) -> None:
    assert (await owner.delete("/v1/documents/policy")).status_code == 202
    assert (await owner.get("/v1/documents/policy")).status_code == 404
    assert (await owner.delete("/v1/documents/policy")).status_code == 404


async def test_a_chunk_is_read_with_the_text_around_it(owner: httpx.AsyncClient) -> None:
    chunk = (await owner.get("/v1/documents/policy/chunks/c1")).json()
    assert chunk["text"].startswith(QUOTE)
    assert chunk["before"] == "Delivery takes three working days.\n\n"
    assert chunk["after"].startswith("\n\nRefunds")
    assert (chunk["page"], chunk["heading"], chunk["title"]) == (2, "Damage", "Delivery policy")
    assert chunk["span"]["end"] - chunk["span"]["start"] == len(chunk["text"])
    bare = (await owner.get("/v1/documents/policy/chunks/c1", params={"around": 0})).json()
    assert (bare["before"], bare["after"]) == ("", "")


async def test_a_job_is_read_once_or_followed_to_its_end(owner: httpx.AsyncClient, shop: Tenant) -> None:
    assert (await owner.get("/v1/jobs/job_policy")).json()["state"] == "queued"
    states = []
    async with owner.stream("GET", "/v1/jobs/job_policy", headers={"Accept": "text/event-stream"}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if not line.startswith("data: "):
                continue
            states.append(json.loads(line.removeprefix("data: "))["state"])
            following = {"queued": "running", "running": "done"}.get(states[-1])
            if following:
                shop.jobs["job_policy"] = replace(shop.jobs["job_policy"], state=following)
    assert states == ["queued", "running", "done"]


async def test_search_results_have_source_path_and_span(owner: httpx.AsyncClient, platform: StandInPlatform) -> None:
    answer = await owner.post(
        "/v1/search",
        json={
            "query": "damaged",
            "k": 3,
            "mode": "graph",
            "as_of": "2026-05-01",
            "filter": {"document_ids": ["policy"]},
        },
    )
    (result,) = answer.json()["results"]
    assert result["path"] == [{"from": "parcel", "relation": "covered by", "to": "policy"}]
    assert result["source"] == "graph"
    assert result["span"]["start"] < result["span"]["end"]
    asked = platform.seen[-1].body
    assert (asked.mode, asked.k, asked.as_of, asked.document_ids) == ("graph", 3, "2026-05-01", ("policy",))  # type: ignore[attr-defined]


async def test_a_search_that_cannot_be_is_422(owner: httpx.AsyncClient) -> None:
    for body in (
        {"query": " "},
        {"query": "x", "k": 0},
        {"query": "x", "mode": "best"},
        {"k": 3},
        {"query": "x" * 9000},
    ):
        answer = await owner.post("/v1/search", json=body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["field"] in {"query", "k", "mode"}


async def test_a_document_is_sent_for_an_audience_and_shown_with_it(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    for audience, expected in (("staff", "staff"), ("public", "public"), ("", None)):
        file = {"file": ("a.txt", b"text")}
        accepted = await owner.post("/v1/documents", files=file, data={"audience": audience, "document_id": "a"})
        assert accepted.status_code == 202
        assert (await owner.get("/v1/documents/a")).json()["audience"] == expected
    refused = await owner.post("/v1/documents", files={"file": ("a.txt", b"x")}, data={"audience": "everyone"})
    assert refused.status_code == 422
    assert "public or staff" in refused.json()["detail"]


async def test_what_is_at_a_url_is_taken_in_like_a_file(
    platform: StandInPlatform, settings: Settings, shop: Tenant
) -> None:
    page = FastAPI()

    @page.get("/terms")
    async def terms() -> HTMLResponse:
        return HTMLResponse("<h1>Terms</h1>")

    async with listening(page) as site, served(platform, replace(settings, egress_allowed="127.0.0.0/8")) as base:
        headers = {"Authorization": f"Bearer {shop.key}"}
        async with httpx.AsyncClient(base_url=base, timeout=20, trust_env=False, headers=headers) as client:
            answer = await client.post(
                "/v1/documents", files={"url": (None, f"{site}/terms"), "document_id": (None, "terms")}
            )
            assert answer.status_code == 202
            document = (await client.get("/v1/documents/terms")).json()
    assert (document["filename"], document["media_type"]) == ("terms.html", "text/html")
    assert document["metadata"] == {"url": f"{site}/terms"}
    assert [data for key, data in shop.blobs.items() if key.startswith("uploads/terms/")] == [b"<h1>Terms</h1>"]


async def test_a_url_into_the_machine_is_refused(owner: httpx.AsyncClient, url: str, shop: Tenant) -> None:
    for inside in (f"{url}/healthz", "http://169.254.169.254/latest/meta-data/"):
        answer = await owner.post("/v1/documents", files={"url": (None, inside)})
        assert answer.status_code == 422
        assert "not a public address" in answer.json()["detail"]
    assert not [key for key in shop.blobs if key.startswith("uploads/")]


async def test_a_file_and_a_url_at_once_are_refused(owner: httpx.AsyncClient) -> None:
    files = {"file": ("a.txt", b"text"), "url": (None, "https://shop.example/terms")}
    assert (await owner.post("/v1/documents", files=files)).status_code == 422

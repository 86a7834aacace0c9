"""What the stores must hold after the kills, whatever was killed: a check raises AssertionError with its evidence."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chaos.patient_client import Asked
from stack_stores import JournalLook, StackStores
from tenant_client import TenantClient

_SETTLE_S = 180.0
_PAGE = 1_000

Shape = Mapping[str, Counter[tuple[str, ...]]]


def questions_are_answered_once(stores: JournalLook, tenant: str, asked: Sequence[Asked]) -> None:
    """Every accepted question: done, one turn, one row sent, one question and one answer in the history."""
    told = {each.message_id: each for each in asked}
    assert len(told) == len(asked)
    inbox = stores.rows("SELECT * FROM inbox WHERE tenant_id = :t AND kind = 'session'", t=tenant)
    assert {row["message_id"]: row["state"] for row in inbox} == dict.fromkeys(told, "done")
    turns = {row["turn_id"]: row["message_id"] for row in inbox}
    assert len(turns) == len(inbox)
    outbox = stores.rows("SELECT turn_id, state FROM outbox WHERE tenant_id = :t", t=tenant)
    assert Counter(row["turn_id"] for row in outbox) == Counter(turns.keys())
    assert {row["state"] for row in outbox} <= {"sent"}
    history = stores.rows("SELECT * FROM history WHERE tenant_id = :t ORDER BY seq", t=tenant)
    lines = Counter((row["message_id"], row["author"]) for row in history)
    assert lines == Counter((message_id, author) for message_id in told for author in ("customer", "assistant"))
    for row in history:
        question = told[row["message_id"]]
        assert row["conversation_id"] == f"api-{question.session_id}"
        assert turns[row["turn_id"]] == row["message_id"]
        assert row["text"] == (question.text if row["author"] == "customer" else question.answer)


async def conversations_are_in_order(client: TenantClient, asked: Sequence[Asked], *, crowds: Collection[str]) -> None:
    """Each question is followed by its answer, in the order asked; in ``crowds`` several were asked at once."""
    for session_id in {each.session_id for each in asked}:
        lines = await _lines(client, f"/v1/conversations/api-{session_id}")
        assert [line["author"] for line in lines] == ["customer", "assistant"] * (len(lines) // 2)
        assert [line["message_id"] for line in lines[::2]] == [line["message_id"] for line in lines[1::2]]
        mine = [each.message_id for each in asked if each.session_id == session_id]
        found = [line["message_id"] for line in lines[::2]]
        assert sorted(found) == sorted(mine)
        if session_id not in crowds:  # one after the other, so in this very order
            assert found == mine


def nothing_is_left(stores: JournalLook) -> None:
    """No message and no job waits, and none was given up."""
    assert stores.rows("SELECT * FROM dead_letters") == []
    assert stores.rows("SELECT message_id FROM inbox WHERE state != 'done'") == []
    assert stores.rows("SELECT job_id, error FROM jobs WHERE state != 'done'") == []


async def settled(stores: JournalLook) -> None:
    """Return once no message waits and no job, the collecting of old versions included."""
    until = time.monotonic() + _SETTLE_S
    while True:
        waiting = stores.rows(
            "SELECT job_id AS id, state, error FROM jobs WHERE state IN ('queued', 'running')"
            " UNION ALL SELECT message_id, state, error FROM inbox WHERE state = 'pending'"
        )
        if not waiting:
            return
        assert time.monotonic() < until, waiting
        await asyncio.sleep(0.3)


async def documents_are_as(stores: StackStores, tenant: str, expected: Mapping[str, tuple[object, ...]]) -> None:
    """The live versions as ``expected`` (:func:`documents`), their vectors stored, and none of older versions."""
    assert documents(stores, tenant) == expected
    for document_id, (_, chunks, *_) in expected.items():
        versions = stores.rows(
            "SELECT v.version, v.version = d.live_version AS live FROM document_versions v"
            " JOIN documents d USING (tenant_id, document_id) WHERE tenant_id = :t AND document_id = :d",
            t=tenant,
            d=document_id,
        )
        for row in versions:
            stored = await stores.vectors(tenant, document_id, row["version"])
            assert stored == (chunks if row["live"] else 0), (document_id, row)


def documents(stores: JournalLook, tenant: str) -> dict[str, tuple[object, ...]]:
    """Document → what its live version has in the journal; the chunk rows are counted, not believed."""
    rows = stores.rows(
        "SELECT d.document_id, v.state, v.chunks, v.pages, v.entities,"
        " (SELECT count(*) FROM chunks c WHERE c.tenant_id = d.tenant_id AND c.document_id = d.document_id) AS rows"
        " FROM documents d JOIN document_versions v ON v.tenant_id = d.tenant_id"
        " AND v.document_id = d.document_id AND v.version = d.live_version WHERE d.tenant_id = :t",
        t=tenant,
    )
    assert all(row["rows"] == row["chunks"] for row in rows), rows
    return {row["document_id"]: (row["state"], row["chunks"], row["pages"], row["entities"]) for row in rows}


async def graph_is_as(stores: StackStores, tenant: str, expected: Shape) -> None:
    """The tenant's graph as ``expected`` (:func:`graph`): nothing too many, nothing missing."""
    found = await graph(stores, tenant)
    for part in ("entities", "supports", "relations"):
        assert found[part] - expected[part] == Counter(), f"{part} too many"
        assert expected[part] - found[part] == Counter(), f"{part} missing"


async def graph(stores: StackStores, tenant: str) -> Shape:
    """Without version numbers, and without which of two joined tables came last."""
    shape = await stores.graph_shape(tenant)
    supports: Counter[tuple[str, ...]] = Counter()
    for (document, _, chunk, *rest), number in shape["supports"].items():
        supports[(document, re.sub(r"\.\d+\.(\d+)$", r".\1", chunk), *rest)] += number
    relations: Counter[tuple[str, ...]] = Counter()
    for (start, kind, end, *_), number in shape["relations"].items():
        relations[(start, kind, end)] += number
    return {"supports": supports, "relations": relations, "entities": shape["entities"]}


async def _lines(client: TenantClient, path: str) -> list[dict[str, Any]]:
    """Every line of a conversation, oldest first."""
    lines: list[dict[str, Any]] = []
    while True:
        before = lines[0]["seq"] if lines else 0
        page = (await client.call("GET", path, params={"limit": _PAGE, "before_seq": before}))["messages"]
        lines = [*page, *lines]
        if len(page) < _PAGE:
            return lines

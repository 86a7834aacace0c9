"""kill -9 of one process after the other while documents come in and questions are asked: nothing accepted is lost.

Two tenants take in the same files under fire, a third one the same files in peace: afterwards they must hold the same.
RAGLEAP_CHAOS_SEED chooses another order of kills and other moments.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import made_files
import pytest
from businesses import generate
from killer import Kill, Killer
from patient_client import Asked, PatientClient
from running_stack import RunningStack, TenantAccess
from stack_stores import StackStores
from tenant_client import TenantClient

pytestmark = pytest.mark.timeout(900)

VICTIMS = ("cell", "gateway replica", "ingest worker", "graph store", "vector store")
SEED = int(os.environ.get("RAGLEAP_CHAOS_SEED", "1"))
AT_ONCE = 6  # documents of a tenant on their way at once
REPLACED = 3  # documents that are sent again while the others are still coming in
POLICIES = Path(__file__).resolve().parents[2] / "cluster" / "sample_business" / "policies"
QUESTIONS = (
    "How much does express shipping cost?",
    "How long is the warranty on lamps and lighting?",
    "Within how many days can I return something that I have not used?",
    "How long is a gift card valid?",
    "What is the monthly salary of a workshop assistant?",
)

Shape = Mapping[str, Counter[tuple[str, ...]]]


@dataclass(kw_only=True)
class Shop:
    """One tenant under fire: its client, and everything that was accepted from it."""

    access: TenantAccess
    client: PatientClient
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    coming_in: bool = True
    moved: asyncio.Event = field(default_factory=asyncio.Event)  # set, and a new one made, when a document has come in

    @property
    def tenant(self) -> str:
        return self.access.tenant


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> RunningStack:
    """A stack of this module's own; ``stores`` stops it."""
    return RunningStack(tmp_path_factory.mktemp("chaos"))


@pytest.fixture(scope="module")
async def stores(stack: RunningStack) -> AsyncIterator[StackStores]:
    try:
        stack.start()
        opened = StackStores(stack.data_dir)
        yield opened
        await opened.close()
        assert stack.stop() == 0, "\n".join(stack.lines)
        assert stack.left() == []
    finally:
        stack.kill()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """File name → content: tables that join, mails, policies of several kinds, one long text."""
    business = generate(4, tmp_path_factory.mktemp("business"))
    tables = [file for file in business.files if file.suffix == ".csv"]
    mails = [file for file in business.files if file.suffix == ".eml"][:9]
    chosen = {file.name: file.read_bytes() for file in (*tables, *mails, *sorted(POLICIES.iterdir()))}
    rules = [
        f"Rule {n}: Warden {n} of Gate {n * 7 % 101} counts the lanterns of aisle {n * 13 % 97}. " * 6
        for n in range(60)
    ]
    chosen["rules.md"] = made_files.markdown("House rules", rules)
    return dict(sorted(chosen.items(), key=lambda each: each[0][::-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Two tenants after the kills, and the one that took the same files in in peace."""

    shops: tuple[Shop, ...]
    quiet: TenantAccess
    kills: list[Kill]


@pytest.fixture(scope="module")
async def aftermath(stack: RunningStack, stores: StackStores, files: dict[str, bytes]) -> AsyncIterator[Aftermath]:
    shops = tuple([_opened(stack, name) for name in ("first", "second")])
    try:
        kills = await _under_fire(shops, Killer(stack, SEED, lambda: _work(stores)), files)
        for kill in kills:
            print(kill)
        for shop in shops:
            print(shop.tenant, len(shop.jobs), "jobs", len(shop.asked), "questions", dict(shop.client.troubles))
        quiet = stack.create_tenant("quiet")
        await _take_in_quietly(stack, quiet, files)
        await _settled(stores)
        yield Aftermath(shops=shops, quiet=quiet, kills=kills)
    finally:
        for shop in shops:
            await shop.client.close()


async def test_every_process_was_killed_in_the_middle_of_the_work(aftermath: Aftermath) -> None:
    assert {kill.name for kill in aftermath.kills} == set(VICTIMS)
    assert all(kill.open > 0 for kill in aftermath.kills), aftermath.kills
    assert all(shop.client.troubles for shop in aftermath.shops), "no caller noticed anything: was anything killed?"


async def test_every_accepted_document_was_taken_in(aftermath: Aftermath, files: dict[str, bytes]) -> None:
    for shop in aftermath.shops:
        assert len(shop.jobs) == len(files) + REPLACED
        assert {key: job["error"] for key, job in shop.jobs.items() if job["state"] != "done"} == {}


async def test_documents_are_stored_exactly_as_if_nothing_had_happened(
    aftermath: Aftermath, stores: StackStores, files: dict[str, bytes]
) -> None:
    expected = _documents(stores, aftermath.quiet.tenant)
    assert expected.keys() == files.keys()
    for shop in aftermath.shops:
        assert _documents(stores, shop.tenant) == expected
        for document_id, (_, chunks, *_) in expected.items():
            versions = stores.rows(
                "SELECT v.version, v.version = d.live_version AS live FROM document_versions v"
                " JOIN documents d USING (tenant_id, document_id) WHERE tenant_id = :t AND document_id = :d",
                t=shop.tenant,
                d=document_id,
            )
            for row in versions:
                stored = await stores.vectors(shop.tenant, document_id, row["version"])
                assert stored == (chunks if row["live"] else 0), (document_id, row)


async def test_the_graph_is_the_one_of_an_undisturbed_run(aftermath: Aftermath, stores: StackStores) -> None:
    expected = _undated(await stores.graph_shape(aftermath.quiet.tenant))
    assert expected["relations"]
    for shop in aftermath.shops:
        found = _undated(await stores.graph_shape(shop.tenant))
        for part in ("entities", "supports", "relations"):
            assert found[part] - expected[part] == Counter(), f"{part} too many"
            assert expected[part] - found[part] == Counter(), f"{part} missing"


async def test_every_document_is_found_once(
    aftermath: Aftermath, stack: RunningStack, stores: StackStores, files: dict[str, bytes]
) -> None:
    shop = aftermath.shops[0]
    client = TenantClient(stack.url, shop.access.key)
    live = stores.rows("SELECT document_id, chunk_id FROM chunks WHERE tenant_id = :t", t=shop.tenant)
    for document_id in files:
        chunks = {row["chunk_id"] for row in live if row["document_id"] == document_id}
        for mode in ("vector", "hybrid"):
            only = {"document_ids": [document_id]}
            results = await client.search("lantern", mode=mode, k=100, filter=only, rerank=False)
            found = [result["chunk_id"] for result in results]
            assert found
            assert len(found) == len(set(found))
            assert set(found) <= chunks
    await client.close()


async def test_every_accepted_question_has_one_turn_and_one_answer(aftermath: Aftermath, stores: StackStores) -> None:
    for shop in aftermath.shops:
        told = {asked.message_id: asked for asked in shop.asked}
        assert len(told) == len(shop.asked) > 20
        inbox = stores.rows("SELECT * FROM inbox WHERE tenant_id = :t AND kind = 'session'", t=shop.tenant)
        assert {row["message_id"]: row["state"] for row in inbox} == dict.fromkeys(told, "done")
        turns = {row["turn_id"]: row["message_id"] for row in inbox}
        assert len(turns) == len(inbox)
        outbox = stores.rows("SELECT turn_id, state FROM outbox WHERE tenant_id = :t", t=shop.tenant)
        assert Counter(row["turn_id"] for row in outbox) == Counter(turns.keys())
        assert {row["state"] for row in outbox} <= {"sent"}
        history = stores.rows("SELECT * FROM history WHERE tenant_id = :t ORDER BY seq", t=shop.tenant)
        lines = Counter((row["message_id"], row["author"]) for row in history)
        assert lines == Counter((message_id, author) for message_id in told for author in ("customer", "assistant"))
        for row in history:
            asked = told[row["message_id"]]
            assert row["conversation_id"] == f"api-{asked.session_id}"
            assert turns[row["turn_id"]] == row["message_id"]
            assert row["text"] == (asked.text if row["author"] == "customer" else asked.answer)


async def test_nothing_is_left_pending_and_nothing_was_given_up(aftermath: Aftermath, stores: StackStores) -> None:
    assert stores.rows("SELECT * FROM dead_letters") == []
    assert stores.rows("SELECT message_id FROM inbox WHERE state != 'done'") == []
    assert stores.rows("SELECT job_id, error FROM jobs WHERE state != 'done'") == []


async def test_conversations_show_each_question_followed_by_its_answer(
    aftermath: Aftermath, stack: RunningStack
) -> None:
    for shop in aftermath.shops:
        client = TenantClient(stack.url, shop.access.key)
        for session_id in {asked.session_id for asked in shop.asked}:
            conversation = await client.call("GET", f"/v1/conversations/api-{session_id}", params={"limit": 1000})
            lines = conversation["messages"]
            assert [line["author"] for line in lines] == ["customer", "assistant"] * (len(lines) // 2)
            assert [line["message_id"] for line in lines[::2]] == [line["message_id"] for line in lines[1::2]]
            mine = [asked.message_id for asked in shop.asked if asked.session_id == session_id]
            if session_id != "crowd":  # one after the other, so in this very order
                assert [line["message_id"] for line in lines[::2]] == mine
        await client.close()


# ------------------------------------------------------------------------------------------------------- the work


def _opened(stack: RunningStack, name: str) -> Shop:
    access = stack.create_tenant(name)
    return Shop(access=access, client=PatientClient(stack.url, access.key))


async def _under_fire(shops: Sequence[Shop], killer: Killer, files: Mapping[str, bytes]) -> list[Kill]:
    """Documents and questions of every shop at once, and the kills among them."""
    async with asyncio.TaskGroup() as together:
        for shop in shops:
            together.create_task(_take_in(shop, files))
            for session_id in ("talk-0", "talk-1"):
                together.create_task(_talk(shop, session_id, at_once=1))
            together.create_task(_talk(shop, "crowd", at_once=3))
        killing = together.create_task(killer.kill_in_turn(VICTIMS))
    return killing.result()


async def _take_in(shop: Shop, files: Mapping[str, bytes]) -> None:
    """Every file, some at once; the first of them once more while the others come in."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, key: str) -> None:
        async with places:
            shop.jobs[key] = await shop.client.ingest(name, name, files[name], f"{shop.tenant} {key}")
            shop.moved.set()
            shop.moved = asyncio.Event()

    async def again(name: str) -> None:
        await one(name, name)
        await one(name, f"{name} again")

    async with asyncio.TaskGroup() as together:
        for at, name in enumerate(files):
            together.create_task(again(name) if at < REPLACED else one(name, name))
    shop.coming_in = False
    shop.moved.set()


async def _talk(shop: Shop, session_id: str, *, at_once: int) -> None:
    """Ask ``at_once`` questions at a time, some of them as a stream, and again whenever a document has come in.

    Documents and questions keep step, so that neither is over before the other.
    """
    number = 0
    while shop.coming_in:
        moved = shop.moved
        asking = []
        for _ in range(at_once):
            ask = shop.client.ask_streaming if number % 3 == 2 else shop.client.ask
            text = f"{QUESTIONS[number % len(QUESTIONS)]} (Question {number} of {session_id})"
            asking.append(ask(text, session_id=session_id, key=f"{session_id} {number}"))
            number += 1
        shop.asked.extend(await asyncio.gather(*asking))
        await moved.wait()


async def _take_in_quietly(stack: RunningStack, quiet: TenantAccess, files: Mapping[str, bytes]) -> None:
    client = TenantClient(stack.url, quiet.key)
    accepted = [await client.upload(name, data, name) for name, data in files.items()]
    for one in accepted:
        assert (await client.ended(one["job_id"]))["state"] == "done"
    await client.close()


async def _settled(stores: StackStores) -> None:
    """Wait until old versions are collected too and no message waits."""
    until = time.monotonic() + 90
    while True:
        waiting = stores.rows(
            "SELECT job_id AS id, state, error FROM jobs WHERE state IN ('queued', 'running')"
            " UNION ALL SELECT message_id, state, error FROM inbox WHERE state = 'pending'"
        )
        if not waiting:
            return
        assert time.monotonic() < until, waiting
        await asyncio.sleep(0.3)


# -------------------------------------------------------------------------------------------------------- the look


def _work(stores: StackStores) -> tuple[int, int]:
    states = stores.rows("SELECT state IN ('done', 'failed') AS ended, count(*) AS n FROM jobs GROUP BY ended")
    counted = {row["ended"]: row["n"] for row in states}
    return counted.get(1, 0), counted.get(0, 0)


def _documents(stores: StackStores, tenant: str) -> dict[str, tuple[object, ...]]:
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


def _undated(shape: Shape) -> dict[str, Counter[tuple[str, ...]]]:
    """Without version numbers, and without which of two joined tables came last."""
    supports: Counter[tuple[str, ...]] = Counter()
    for (document, _, chunk, *rest), number in shape["supports"].items():
        supports[(document, re.sub(r"\.\d+\.(\d+)$", r".\1", chunk), *rest)] += number
    relations: Counter[tuple[str, ...]] = Counter()
    for (start, kind, end, *_), number in shape["relations"].items():
        relations[(start, kind, end)] += number
    return {"supports": supports, "relations": relations, "entities": shape["entities"]}

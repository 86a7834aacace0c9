"""kill -9 of one process after the other while documents come in and questions are asked: nothing accepted is lost.

Two tenants take in the same files under fire, a third one the same files in peace: afterwards they must hold the same.
RAGLEAP_CHAOS_SEED chooses another order of kills and other moments. ``make chaos`` is the long run.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from chaos import judge
from chaos.killer import Kill, Killer
from chaos.load import CROWD, take_in_quietly
from chaos.shop import QUESTIONS, Shop, files
from running_stack import RunningStack, TenantAccess
from stack_stores import StackStores
from tenant_client import TenantClient

pytestmark = pytest.mark.timeout(900)

VICTIMS = ("cell", "gateway replica", "ingest worker", "graph store", "vector store")
SEED = int(os.environ.get("RAGLEAP_CHAOS_SEED", "1"))
AT_ONCE = 6  # documents of a tenant on their way at once
REPLACED = 3  # documents that are sent again while the others are still coming in


@dataclass(kw_only=True)
class Intake:
    """Whether a shop's documents still come in; ``moved`` is set, and a new one made, when one has come in."""

    coming_in: bool = True
    moved: asyncio.Event = field(default_factory=asyncio.Event)


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
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    return files(tmp_path_factory.mktemp("business"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Two tenants after the kills, and the one that took the same files in in peace."""

    shops: tuple[Shop, ...]
    quiet: TenantAccess
    kills: list[Kill]


@pytest.fixture(scope="module")
async def aftermath(
    stack: RunningStack, stores: StackStores, delivered: Mapping[str, bytes]
) -> AsyncIterator[Aftermath]:
    shops = tuple([Shop.opened(stack, name) for name in ("first", "second")])
    try:
        kills = await _under_fire(shops, Killer(stack, SEED, lambda: _work(stores)), delivered)
        for kill in kills:
            print(kill)
        for shop in shops:
            print(shop.tenant, len(shop.jobs), "jobs", len(shop.asked), "questions", dict(shop.client.troubles))
        quiet = stack.create_tenant("quiet")
        await take_in_quietly(stack, quiet, delivered)
        await judge.settled(stores)
        yield Aftermath(shops=shops, quiet=quiet, kills=kills)
    finally:
        for shop in shops:
            await shop.client.close()


async def test_every_process_was_killed_in_the_middle_of_the_work(aftermath: Aftermath) -> None:
    assert {kill.name for kill in aftermath.kills} == set(VICTIMS)
    assert all(kill.open > 0 for kill in aftermath.kills), aftermath.kills
    assert all(shop.client.troubles for shop in aftermath.shops), "no caller noticed anything: was anything killed?"


async def test_every_accepted_document_was_taken_in(aftermath: Aftermath, delivered: Mapping[str, bytes]) -> None:
    for shop in aftermath.shops:
        assert len(shop.jobs) == len(delivered) + REPLACED
        assert {key: job["error"] for key, job in shop.jobs.items() if job["state"] != "done"} == {}


async def test_documents_are_stored_exactly_as_if_nothing_had_happened(
    aftermath: Aftermath, stores: StackStores, delivered: Mapping[str, bytes]
) -> None:
    expected = judge.documents(stores, aftermath.quiet.tenant)
    assert expected.keys() == delivered.keys()
    for shop in aftermath.shops:
        await judge.documents_are_as(stores, shop.tenant, expected)


async def test_the_graph_is_the_one_of_an_undisturbed_run(aftermath: Aftermath, stores: StackStores) -> None:
    expected = await judge.graph(stores, aftermath.quiet.tenant)
    assert expected["relations"]
    for shop in aftermath.shops:
        await judge.graph_is_as(stores, shop.tenant, expected)


async def test_every_document_is_found_once(
    aftermath: Aftermath, stack: RunningStack, stores: StackStores, delivered: Mapping[str, bytes]
) -> None:
    shop = aftermath.shops[0]
    client = TenantClient(stack.url, shop.access.key)
    live = stores.rows("SELECT document_id, chunk_id FROM chunks WHERE tenant_id = :t", t=shop.tenant)
    for document_id in delivered:
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
        assert len(shop.asked) > 20
        judge.questions_are_answered_once(stores, shop.tenant, shop.asked)


async def test_nothing_is_left_pending_and_nothing_was_given_up(aftermath: Aftermath, stores: StackStores) -> None:
    judge.nothing_is_left(stores)


async def test_conversations_show_each_question_followed_by_its_answer(
    aftermath: Aftermath, stack: RunningStack
) -> None:
    for shop in aftermath.shops:
        client = TenantClient(stack.url, shop.access.key)
        await judge.conversations_are_in_order(client, shop.asked, crowds=(CROWD,))
        await client.close()


# ------------------------------------------------------------------------------------------------------- the work


async def _under_fire(shops: Sequence[Shop], killer: Killer, delivered: Mapping[str, bytes]) -> list[Kill]:
    """Documents and questions of every shop at once, and the kills among them."""
    async with asyncio.TaskGroup() as together:
        for shop in shops:
            intake = Intake()
            together.create_task(_take_in(shop, intake, delivered))
            for session_id in ("talk-0", "talk-1"):
                together.create_task(_talk(shop, intake, session_id, at_once=1))
            together.create_task(_talk(shop, intake, CROWD, at_once=3))
        killing = together.create_task(killer.kill_in_turn(VICTIMS))
    return killing.result()


async def _take_in(shop: Shop, intake: Intake, delivered: Mapping[str, bytes]) -> None:
    """Every file, some at once; the first of them once more while the others come in."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, key: str) -> None:
        async with places:
            shop.jobs[key] = await shop.client.ingest(name, name, delivered[name], f"{shop.tenant} {key}")
            intake.moved.set()
            intake.moved = asyncio.Event()

    async def again(name: str) -> None:
        await one(name, name)
        await one(name, f"{name} again")

    async with asyncio.TaskGroup() as together:
        for at, name in enumerate(delivered):
            together.create_task(again(name) if at < REPLACED else one(name, name))
    intake.coming_in = False
    intake.moved.set()


async def _talk(shop: Shop, intake: Intake, session_id: str, *, at_once: int) -> None:
    """Ask ``at_once`` questions at a time, some of them as a stream, and again whenever a document has come in.

    Documents and questions keep step, so that neither is over before the other.
    """
    number = 0
    while intake.coming_in:
        moved = intake.moved
        asking = []
        for _ in range(at_once):
            ask = shop.client.ask_streaming if number % 3 == 2 else shop.client.ask
            text = f"{QUESTIONS[number % len(QUESTIONS)]} (Question {number} of {session_id})"
            asking.append(ask(text, session_id=session_id, key=f"{session_id} {number}"))
            number += 1
        shop.asked.extend(await asyncio.gather(*asking))
        await moved.wait()


# -------------------------------------------------------------------------------------------------------- the look


def _work(stores: StackStores) -> tuple[int, int]:
    states = stores.rows("SELECT state IN ('done', 'failed') AS ended, count(*) AS n FROM jobs GROUP BY ended")
    counted = {row["ended"]: row["n"] for row in states}
    return counted.get(1, 0), counted.get(0, 0)

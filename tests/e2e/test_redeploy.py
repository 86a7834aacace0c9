"""New versions under load: a Serve redeploy, and `ragleap down` and `up`, lose nothing, double nothing, cut nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from chaos import judge
from running_stack import RunningStack, TenantAccess
from stack_stores import StackStores
from strict_asker import Asking, asked_without_a_pause
from tenant_client import TenantClient
from waiting import until

from cluster import process_tree

pytestmark = pytest.mark.timeout(300)

_REPLICAS = ("gateway replica", "models replica")


async def test_a_serve_redeploy_under_load_answers_every_question_once(
    stack: RunningStack, tenant: TenantClient, access: TenantAccess, stores: StackStores
) -> None:
    before = stack.processes()
    async with asked_without_a_pause(tenant) as seen:
        await until(lambda: len(seen.asked) > 8, 60, "answers")
        began = await asyncio.to_thread(_deploy, stack, "2")
        answered = len(seen.asked)
        await until(lambda: len(seen.asked) > answered + 8, 60, "answers of the new version")
    after = stack.processes()

    for replica in _REPLICAS:
        assert after[replica] != before[replica]
        assert psutil.Process(after[replica]).environ()["RAGLEAP_TEST_RELEASE"] == "2"
    assert after["cell"] == before["cell"]
    assert seen.over(began) > 0
    print(f"{len(seen.asked)} questions, {seen.over(began)} under way, {seen.refused} refused")
    await _each_answered_once(stores, tenant, access, seen)


async def test_down_and_up_under_load_answer_every_question_once_and_give_the_leases_back(
    stack: RunningStack, tenant: TenantClient, access: TenantAccess, stores: StackStores
) -> None:
    async with asked_without_a_pause(tenant, may_be_away=True) as seen:
        await until(lambda: len(seen.asked) > 8, 60, "answers")
        below = process_tree.descendants(stack.pid)
        began = time.monotonic()
        assert (await asyncio.to_thread(stack.ragleap, "down")).returncode == 0
        assert await asyncio.to_thread(stack.wait) == 0
        stopped_s = time.monotonic() - began
        assert [process for process in below if process_tree.running(process)] == []
        assert stack.left() == []
        assert stores.rows("SELECT * FROM leases WHERE expires_at > :now", now=time.time()) == []
        await asyncio.to_thread(stack.start)
        answered = len(seen.asked)
        await until(lambda: len(seen.asked) > answered + 8, 60, "answers after the start")

    assert seen.over(began) > 0
    print(f"{len(seen.asked)} questions, {seen.over(began)} under way, {seen.refused} refused, {stopped_s:.1f} s")
    await _each_answered_once(stores, tenant, access, seen)


async def _each_answered_once(stores: StackStores, tenant: TenantClient, access: TenantAccess, seen: Asking) -> None:
    judge.questions_are_answered_once(stores, access.tenant, seen.asked)
    await judge.conversations_are_in_order(tenant, seen.asked, crowds=())
    assert stores.rows("SELECT * FROM dead_letters WHERE tenant_id = :t", t=access.tenant) == []


def _deploy(stack: RunningStack, release: str) -> float:
    """Deploy in the stack's own environment; when that began."""
    environment = psutil.Process(stack.processes()["cell"]).environ()
    driver = Path(__file__).with_name("serve_driver.py")
    done = subprocess.run(
        [sys.executable, str(driver), str(stack.told["ray_address"]), str(stack.port), release],
        capture_output=True,
        text=True,
        timeout=180,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)

"""The chat page of a real tenant in headless Chromium, over the whole running stack. RAGLEAP_SCREENSHOTS as ever."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import test_chat_page
from playwright.async_api import Browser, Page, expect
from running_stack import RunningStack, TenantAccess
from stack_stores import StackStores
from tenant_client import TenantClient
from test_chat_page import answered, ask, picture
from waiting import until

pytestmark = pytest.mark.browser

POLICIES = Path(__file__).resolve().parents[2] / "cluster" / "sample_business" / "policies"
QUESTION = "How long is the warranty on lamps and lighting?"
WORDS = "24 months"
OTHER = "How long is a gift card valid?"
OTHER_WORDS = "18 months"
_BACK_MS = 120_000

browser = test_chat_page.browser


@pytest.fixture(scope="module")
async def shop(stack: RunningStack) -> TenantAccess:
    """A tenant with the sample business's policies."""
    access = stack.create_tenant("a shop with a chat page")
    client = TenantClient(stack.url, access.key)
    accepted = [await client.upload(file.name, file.read_bytes(), file.name) for file in sorted(POLICIES.iterdir())]
    for one in accepted:
        assert (await client.ended(one["job_id"]))["state"] == "done"
    await client.close()
    return access


@pytest.fixture
async def page(browser: Browser, shop: TenantAccess) -> AsyncIterator[Page]:
    """The tenant's page, open for a new visitor; scripts that fail or are blocked fail the test."""
    context = await browser.new_context(viewport=test_chat_page.DESKTOP)  # type: ignore[arg-type]
    opened = await context.new_page()
    opened.set_default_timeout(_BACK_MS)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    await opened.goto(shop.chat_url)
    yield opened
    await context.close()
    assert not complaints


async def test_a_visitor_gets_a_cited_answer_opens_its_passage_and_finds_it_again_after_a_reload(page: Page) -> None:
    await ask(page, QUESTION)
    text = await answered(page)
    assert WORDS in text
    await picture(page, "stack-answer")
    await page.get_by_role("button", name=re.compile("Source 1")).first.click()
    mark = page.locator("dialog mark")
    await expect(mark).to_contain_text(WORDS)
    await picture(page, "stack-passage")
    await page.keyboard.press("Escape")
    await ask(page, OTHER)
    assert OTHER_WORDS in await answered(page, 2)
    await page.reload()
    assert OTHER_WORDS in await answered(page, 2)
    await expect(page.locator("#log .theirs .words").first).to_contain_text(WORDS)
    await expect(page.locator("#log .mine")).to_have_count(2)
    await picture(page, "stack-reloaded")


async def test_a_visitor_calls_a_person_reads_what_the_person_writes_and_is_answered_by_the_assistant_again(
    page: Page, stack: RunningStack, shop: TenantAccess
) -> None:
    owner = TenantClient(stack.url, shop.key)
    await ask(page, QUESTION)
    assert WORDS in await answered(page)
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator("#about")).to_have_text("A person of our team answers here")
    await ask(page, "My lamp flickers. Can somebody look at it?")
    (conversation,) = [
        each["conversation_id"]
        for each in (await owner.call("GET", "/v1/conversations"))["conversations"]
        if each["state"] == "human"
    ]
    said = {"message": "Hello, Tom from the workshop here. Please bring it in on Friday."}
    await owner.call("POST", f"/v1/conversations/{conversation}/messages", json=said)
    theirs = page.locator("#log .person .words")
    await expect(theirs).to_contain_text(said["message"])
    await expect(page.locator("#log .theirs")).to_have_count(2)  # the assistant has said nothing
    await picture(page, "stack-person")
    await page.set_viewport_size(test_chat_page.PHONE)  # type: ignore[arg-type]
    await picture(page, "stack-person-phone")
    await page.reload()
    await expect(theirs).to_contain_text(said["message"])
    await expect(page.locator("#about")).to_have_text("A person of our team answers here")

    await owner.call("POST", f"/v1/conversations/{conversation}/handoff", json={"to": "assistant"})
    await expect(page.locator("#about")).to_have_text("Answers with their sources")
    await ask(page, OTHER)
    await expect(page.locator("#log .theirs").last).to_contain_text(OTHER_WORDS)
    await owner.close()


async def test_an_answer_that_is_being_made_when_the_cell_is_killed_still_comes_once(
    page: Page, stack: RunningStack, shop: TenantAccess, stores: StackStores
) -> None:
    await ask(page, QUESTION)
    assert WORDS in await answered(page)
    processes = stack.processes()
    # While the vector store stands still a search cannot end: the answer is being made for certain.
    os.kill(processes["vector store"], signal.SIGSTOP)
    try:
        await ask(page, OTHER)
        await until(lambda: bool(_pending(stores, shop.tenant)), 30, "the question to be accepted")
        os.kill(processes["cell"], signal.SIGKILL)
        await expect(page.locator("#log .theirs").last).to_have_attribute("aria-busy", "true")
        await picture(page, "stack-cell-killed")
    finally:
        os.kill(processes["vector store"], signal.SIGCONT)
    await expect(page.locator("#log .theirs .words").last).to_contain_text(OTHER_WORDS, timeout=_BACK_MS)
    assert OTHER_WORDS in await answered(page, 2)
    assert stack.processes()["cell"] != processes["cell"]
    await picture(page, "stack-recovered")
    await page.reload()
    assert OTHER_WORDS in await answered(page, 2)
    assert _pending(stores, shop.tenant) == []


def _pending(stores: StackStores, tenant: str) -> list[dict[str, object]]:
    return stores.rows("SELECT message_id FROM inbox WHERE tenant_id = :t AND state = 'pending'", t=tenant)

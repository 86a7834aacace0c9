"""The chat page in headless Chromium.

By itself it runs over the stand-in for the platform; with RAGLEAP_CHAT_URL (and RAGLEAP_CHAT_QUESTION, a question that
is answered with a citation there) the same tests drive a page of a running stack, without those that need the
stand-in's controls. RAGLEAP_SCREENSHOTS names a folder for pictures.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from stand_ins.door import POLICY, QUOTE, StandInPlatform, served

from runtime.config import Settings
from runtime.errors import Overloaded

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1180, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: install it to run the page's tests")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
def stand_in() -> StandInPlatform:
    return StandInPlatform()


@pytest.fixture
def platform(stand_in: StandInPlatform) -> StandInPlatform:
    """The platform behind the page, for tests that hold, break or refuse answers."""
    if "RAGLEAP_CHAT_URL" in os.environ:
        pytest.skip("needs the stand-in's controls")
    return stand_in


@pytest.fixture
async def chat_url(stand_in: StandInPlatform, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a chat page."""
    given = os.environ.get("RAGLEAP_CHAT_URL")
    if given:
        yield given
        return
    shop = stand_in.add_tenant("shop")
    stand_in.add_policy(shop)
    async with served(stand_in, Settings(data_dir=tmp_path)) as base:
        yield f"{base}/chat/{shop.embed_key}"


@pytest.fixture
def question() -> str:
    """A question that is answered with a citation."""
    return os.environ.get("RAGLEAP_CHAT_QUESTION", "What happens with parcels that arrive damaged?")


@pytest.fixture
async def page(browser: Browser, chat_url: str) -> AsyncIterator[Page]:
    """The page, open; every complaint of the browser's (a blocked script, an exception) fails the test."""
    context = await browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    page = await context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    await page.goto(chat_url)
    yield page
    await context.close()
    assert not complaints


async def ask(page: Page, question: str) -> None:
    await page.get_by_label("Your message").fill(question)
    await page.keyboard.press("Enter")


async def answered(page: Page, count: int = 1) -> str:
    """Wait until ``count`` answers are whole; the last one's text."""
    lines = page.locator("#log .theirs")
    await expect(lines).to_have_count(count, timeout=60_000)
    await expect(lines.last).not_to_have_attribute("aria-busy", "true", timeout=60_000)
    return await lines.last.locator(".words").inner_text()


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("RAGLEAP_SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


async def test_a_question_is_answered_and_its_citation_opens_the_quoted_passage(page: Page, question: str) -> None:
    await expect(page.get_by_role("heading", name="How can we help?")).to_be_visible()
    await picture(page, "welcome")
    await ask(page, question)
    assert await answered(page)
    await picture(page, "answer")
    await page.get_by_role("button", name=re.compile("Source 1")).first.click()
    mark = page.locator("dialog mark")
    await expect(mark).to_be_visible()
    quote = await mark.inner_text()
    around = await page.locator("#passage-text").inner_text()
    assert len(around) > len(quote) > 10
    await picture(page, "passage")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).not_to_be_visible()


async def test_a_conversation_survives_a_reload(page: Page, question: str) -> None:
    await ask(page, question)
    before = await answered(page)
    await page.reload()
    assert await answered(page) == before
    await expect(page.locator(".mine").first).to_contain_text(question)
    await page.get_by_role("button", name=re.compile("Source 1")).first.click()
    await expect(page.locator("dialog mark")).to_be_visible()


async def test_what_the_documents_do_not_say_is_declined_without_a_source(page: Page) -> None:
    await ask(page, "Who won the chess championship of 1927?")
    await answered(page)
    await expect(page.locator(".theirs.declined")).to_be_visible()
    await expect(page.locator(".source")).to_have_count(0)


async def test_the_page_fits_a_phone_and_the_dark(browser: Browser, chat_url: str, question: str) -> None:
    context = await browser.new_context(viewport=PHONE, color_scheme="dark", device_scale_factor=2)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(chat_url)
    await picture(page, "phone-welcome")
    await ask(page, question)
    await answered(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await picture(page, "phone-answer")
    await page.get_by_role("button", name=re.compile("Source 1")).first.click()
    await expect(page.locator("dialog mark")).to_be_visible()
    await picture(page, "phone-passage")
    await context.close()


async def test_everything_can_be_done_with_the_keyboard(page: Page, question: str) -> None:
    await expect(page.get_by_label("Your message")).to_be_focused()
    await page.keyboard.type(question)
    await page.keyboard.press("Enter")
    await answered(page)
    await page.locator(".source").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog mark")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".source").first).to_be_focused()


async def test_tokens_show_before_the_answer_is_whole_and_stopping_stops(
    page: Page, platform: StandInPlatform, question: str
) -> None:
    platform.hold_after = 4
    await ask(page, question)
    words = page.locator(".theirs .words")
    await expect(words).to_contain_text(" ".join(QUOTE.split(" ")[:4]))
    await picture(page, "streaming")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.locator(".note")).to_contain_text("Stopped")
    await picture(page, "stopped")
    platform.go_on.set()
    await page.get_by_role("button", name="Go on").click()
    assert QUOTE in await answered(page)


async def test_a_reload_in_the_middle_of_an_answer_gets_the_whole_answer(
    page: Page, platform: StandInPlatform, question: str
) -> None:
    platform.hold_after = 4
    await ask(page, question)
    await expect(page.locator(".theirs .words")).to_contain_text("Parcels")
    await page.reload()
    await expect(page.locator(".theirs .words")).to_contain_text("Parcels")
    platform.go_on.set()
    assert QUOTE in await answered(page)
    await expect(page.locator(".mine")).to_have_count(1)


async def test_a_dropped_stream_goes_on_where_it_was(page: Page, platform: StandInPlatform, question: str) -> None:
    platform.break_after_seq = 3
    await ask(page, question)
    assert (await answered(page)).count("Parcels that arrive") == 1


async def test_an_answer_made_anew_replaces_what_was_shown(
    page: Page, platform: StandInPlatform, question: str
) -> None:
    platform.reset_with = "Half a thought"
    await ask(page, question)
    assert "Half a thought" not in await answered(page)


async def test_a_busy_server_is_waited_for_in_words_a_person_understands(
    page: Page, platform: StandInPlatform, question: str
) -> None:
    platform.refuse = Overloaded("The mailbox is full.", retry_after=1)
    await ask(page, question)
    await expect(page.locator(".note")).to_contain_text("tried again in a moment")
    await picture(page, "busy")
    platform.refuse = None
    assert QUOTE in await answered(page)
    assert len({envelope.message_id for envelope in platform.seen}) == 1


async def test_markup_in_an_answer_or_a_document_stays_text(
    page: Page, platform: StandInPlatform, question: str
) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    shop = platform.tenants["shop"]
    shop.blobs["parsed/policy"] = POLICY.replace("Send a photograph", nasty[:17]).encode()
    await ask(page, f"{nasty} damaged?")
    await answered(page)
    await expect(page.locator(".mine").first).to_contain_text(nasty)
    await page.get_by_role("button", name=re.compile("Source 1")).first.click()
    await expect(page.locator("dialog mark")).to_be_visible()
    assert await page.locator("#log img, dialog img").count() == 0


async def test_a_long_answer_is_set_in_paragraphs_and_lists_with_every_source(
    page: Page, platform: StandInPlatform, question: str
) -> None:
    titles = ["Delivery policy", "Complaints, April 2026", "Orders of the first quarter with their customers.csv"]
    platform.say_instead = {
        "status": "answered",
        "answer": "3 customers complained about delivery in April 2026. [1]\n\n"
        + "\n".join(f"- Customer {n} ordered: Walnut table, Oak chair (complained about) [{n}]" for n in (1, 2, 3))
        + "\n\nNo order was found for one of them.",
        "citations": [
            {"n": n, "document_id": "policy", "chunk_id": "c1", "quote": QUOTE, "title": title}
            for n, title in enumerate(titles, 1)
        ],
    }
    await ask(page, question)
    await answered(page)
    await expect(page.locator(".theirs li:has(.chip)")).to_have_count(3)
    await expect(page.locator(".theirs .words > p")).to_have_count(2)
    await expect(page.locator(".source")).to_have_count(3)
    await picture(page, "list")


async def test_many_sources_are_one_click_away(page: Page, platform: StandInPlatform, question: str) -> None:
    platform.say_instead = {
        "status": "answered",
        "answer": "Thirty mails say so. " + " ".join(f"[{n}]" for n in range(1, 31)),
        "citations": [
            {"n": n, "document_id": "policy", "chunk_id": "c1", "quote": QUOTE, "title": f"Mail {n}"}
            for n in range(1, 31)
        ],
    }
    await ask(page, question)
    await answered(page)
    await expect(page.locator(".source")).to_have_count(6)
    await page.get_by_role("button", name="All 30 sources").click()
    await expect(page.locator(".source")).to_have_count(30)
    await expect(page.locator(".source").nth(6)).to_be_focused()


async def test_a_new_chat_begins_empty(page: Page, question: str) -> None:
    await ask(page, question)
    await answered(page)
    await page.get_by_role("button", name="New chat").click()
    await expect(page.get_by_role("heading", name="How can we help?")).to_be_visible()
    await page.reload()
    await expect(page.locator("#log li")).to_have_count(0)


async def test_a_session_that_has_ended_is_followed_by_a_new_one(page: Page, question: str) -> None:
    await expect(page.get_by_role("heading", name="How can we help?")).to_be_visible()
    await page.evaluate(
        """() => {
            const name = Object.keys(localStorage).find((key) => key.startsWith("ragleap:chat:"));
            const kept = JSON.parse(localStorage.getItem(name));
            kept.session.token = "wst_ended.ended";
            localStorage.setItem(name, JSON.stringify(kept));
        }"""
    )
    await page.reload()
    await ask(page, question)
    assert await answered(page)


async def test_while_there_is_no_connection_the_question_waits(page: Page, question: str) -> None:
    await page.context.set_offline(True)
    await ask(page, question)
    await expect(page.locator(".note")).to_contain_text("no connection")
    await page.context.set_offline(False)
    assert await answered(page)


async def test_an_unknown_link_says_so(browser: Browser, chat_url: str) -> None:
    page = await browser.new_page()
    await page.goto(chat_url.rsplit("/", 1)[0] + "/emb_nothing")
    await expect(page.get_by_role("heading", name="There is no chat here")).to_be_visible()
    await picture(page, "gone")
    await page.close()


async def test_the_documentation_page_lists_the_calls(browser: Browser, chat_url: str) -> None:
    page = await browser.new_page()
    await page.goto(re.sub(r"/chat/.*", "/docs", chat_url))
    await expect(page.get_by_text("/v1/chat/completions")).to_be_visible()
    await page.get_by_text("/v1/search", exact=True).click()
    await picture(page, "docs")
    await page.close()

"""Mail from end to end: a person writes to the mailbox, and the answer waits for approval or goes at once."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import dovecot_server
import mail_process
import pytest
from dovecot_server import DovecotServer
from fakes.smtp import LOST, MailServer
from mail_house import KEY, MailHouse, opened
from mails import mail, vouched
from sqlalchemy import Connection, func, select
from stores import not_installed

from runtime.journal import Journal
from runtime.store.tables import inbox

MANY = 200


@pytest.fixture(scope="module")
def imap() -> Iterator[DovecotServer]:
    daemon = dovecot_server.program()
    if daemon is None:
        not_installed("Dovecot is not installed: `dovecot-imapd` is Debian's package.")
    server = DovecotServer(daemon)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.close()


@pytest.fixture
def journal(tmp_path: Path, migrated_sqlite: Path) -> Path:
    shutil.copy(migrated_sqlite, tmp_path / "journal.db")
    return tmp_path


@pytest.fixture
def address() -> str:
    return f"shop-{uuid4().hex[:8]}@shop.example"


@pytest.fixture
async def house(journal: Path, imap: DovecotServer, smtp: MailServer, address: str) -> AsyncIterator[MailHouse]:
    async with opened(journal, imap, smtp, address) as made:
        yield made


def numbered(number: int) -> bytes:
    """Each of another person."""
    sender = f"Person <p{number}@people.example>"
    return vouched(f"Question {number}?", sender=sender, Message_ID=f"<q{number}@people.example>")


async def test_an_answer_waits_for_approval_and_is_then_sent_once_in_its_thread(house: MailHouse) -> None:
    await house.begin()
    await house.deliver(vouched("Do you ship abroad?\n\nOn 1 Nov 2026, Shop wrote:\n> Hello"))
    (draft,) = await house.drafts(1)

    assert (draft["to"], draft["subject"]) == ("ada@people.example", "Shipping")
    assert draft["text"] == "You said **Do you ship abroad?** [1]."
    assert house.smtp.arrived == []

    told = await asyncio.gather(*(house.decide(draft["draft_id"], "approve") for _ in range(3)))
    await house.smtp.until(1)
    assert sorted(each.status_code for each in told) == [200, 409, 409]
    assert await house.settled(1) == [("sent", 0)]
    ((to, message),) = house.smtp.arrived
    assert to == ["ada@people.example"]
    assert message["Subject"] == "Re: Shipping"
    assert message["In-Reply-To"] == message["References"] == "<one@people.example>"
    assert message["Auto-Submitted"] == "auto-replied"
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert plain.get_content().startswith("You said Do you ship abroad? [1].")
    assert "<strong>Do you ship abroad?</strong>" in html.get_content()


async def test_a_draft_can_be_changed_and_another_thrown_away(house: MailHouse) -> None:
    await house.begin()
    await house.deliver(numbered(1), numbered(2))
    one, two = await house.drafts(2)
    await house.http.patch(
        f"/v1/drafts/{one['draft_id']}", json={"text": "We do."}, headers={"Authorization": "Bearer key-shop"}
    )
    assert (await house.drafts(2))[0]["text"] == "We do."
    await house.decide(one["draft_id"], "approve")
    await house.decide(two["draft_id"], "discard")
    await house.smtp.until(1)

    assert await house.settled(2) == [("sent", 0), ("discarded", 0)]
    body = house.smtp.arrived[0][1].get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "We do."


async def test_a_verified_sender_is_answered_at_once_where_the_tenant_wants_that_and_nobody_else(
    house: MailHouse,
) -> None:
    await house.begin(replies="send")
    await house.deliver(vouched("Known?"), mail("Who?", Message_ID="<two@people.example>"))
    await house.smtp.until(1)

    assert sorted(await house.settled(2)) == [("draft", 0), ("sent", 0)]
    body = house.smtp.arrived[0][1].get_body(("plain",))
    assert body is not None
    assert "Known?" in body.get_content()


async def test_an_answer_to_our_answer_stays_in_its_conversation(house: MailHouse) -> None:
    await house.begin(replies="send")
    await house.deliver(vouched("One?"))
    await house.smtp.until(1)
    ours = house.smtp.arrived[0][1]["Message-ID"]
    await house.deliver(vouched("Two?", Message_ID="<two@people.example>", In_Reply_To=ours))
    await house.smtp.until(2)

    assert len({row.actor_key for row in await house.inbox()}) == 1


async def test_what_machines_send_is_counted_and_not_answered(house: MailHouse) -> None:
    await house.begin(replies="send")
    await house.deliver(
        mail(Auto_Submitted="auto-replied"),
        mail(Precedence="bulk"),
        mail(List_Id="<all.people.example>"),
        mail(sender="MAILER-DAEMON@people.example"),
        mail(sender=house.address),
        vouched("A person?", Message_ID="<last@people.example>"),
    )
    await house.smtp.until(1)
    cursor = await house.read_to(6)

    assert cursor.counts == {"auto_submitted": 1, "bulk": 1, "list": 1, "machine": 1, "own": 1, "messages": 1}
    assert len(await house.inbox()) == 1


async def test_the_same_mail_twice_is_one_message(house: MailHouse) -> None:
    await house.begin()
    await house.deliver(vouched(), vouched())
    await house.read_to(2)

    assert len(await house.inbox()) == 1


async def test_what_was_there_before_is_left_alone(
    journal: Path, imap: DovecotServer, smtp: MailServer, address: str
) -> None:
    await asyncio.to_thread(imap.deliver, address, numbered(1), numbered(2))
    async with opened(journal, imap, smtp, address) as house:
        await house.begin()
        await house.deliver(numbered(3))
        await house.drafts(1)

        assert len(await house.inbox()) == 1


async def test_after_an_outage_everything_is_caught_up_once(
    journal: Path, imap: DovecotServer, smtp: MailServer, address: str
) -> None:
    async with opened(journal, imap, smtp, address) as house:
        await house.begin(replies="send")
        await house.deliver(*(numbered(number) for number in range(3)))
        await house.smtp.until(3)
    await asyncio.to_thread(imap.deliver, address, *(numbered(number) for number in range(3, 45)))
    async with opened(journal, imap, smtp, address) as house:
        await house.smtp.until(45)

        assert await house.settled(45) == [("sent", 0)] * 45
        assert len(await house.inbox()) == 45
    assert len({message["In-Reply-To"] for _, message in smtp.arrived}) == len(smtp.arrived) == 45


async def test_killed_while_it_catches_up_it_loses_nothing_and_takes_nothing_twice(
    journal: Path, imap: DovecotServer, smtp: MailServer, address: str
) -> None:
    async with opened(journal, imap, smtp, address) as house:
        await house.begin()
    await asyncio.to_thread(imap.deliver, address, *map(numbered, range(MANY)))
    reader = Journal(f"sqlite:///{journal / 'journal.db'}", read_only=True)
    program = [sys.executable, str(Path(mail_process.__file__)), str(journal), str(imap.port), str(smtp.port), address]
    environment = {**os.environ, "RAGLEAP_TESTS_SEALING_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
    for taken in (1, MANY // 3, 2 * MANY // 3):
        process = await asyncio.create_subprocess_exec(*program, env=environment, stdout=asyncio.subprocess.DEVNULL)
        async with asyncio.timeout(60):
            while True:
                if await reader.read(_accepted, tenant="shop") >= taken:
                    break
        process.kill()
        await process.wait()
    left = MANY - await reader.read(_accepted, tenant="shop")
    reader.close()
    async with opened(journal, imap, smtp, address) as house:
        await house.read_to(MANY)
        await house.settled(MANY)

        assert left > 0, "it was killed too late to prove anything"
        assert len(await house.inbox()) == MANY
        assert [row.state for row in await house.rows()] == ["draft"] * MANY


def _accepted(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(inbox)).scalar_one())


async def test_one_sender_cannot_keep_it_busy(house: MailHouse) -> None:
    await house.begin()
    await house.deliver(*(vouched("Again?", Message_ID=f"<{number}@loop.example>") for number in range(25)))
    cursor = await house.read_to(25)

    assert cursor.counts == {"messages": 20, "too_many": 5}


async def test_a_server_that_goes_and_comes_back_is_read_on(house: MailHouse, imap: DovecotServer) -> None:
    await house.begin()
    await house.deliver(numbered(1))
    await house.drafts(1)
    await asyncio.to_thread(imap.down)
    await asyncio.to_thread(imap.run)
    await house.deliver(numbered(2))

    assert len(await house.drafts(2)) == 2


async def test_a_mailbox_that_is_numbered_anew_loses_nothing_and_repeats_nothing(
    journal: Path, imap: DovecotServer, smtp: MailServer, address: str
) -> None:
    await asyncio.to_thread(imap.deliver, address, folder="Shop")
    async with opened(journal, imap, smtp, address, poll_s=0.5) as house:  # no IDLE tells that a folder has gone
        await house.begin(folder="Shop")
        await house.deliver(numbered(1), numbered(2))
        await house.drafts(2)
        await asyncio.to_thread(imap.made_anew, address, "Shop", numbered(1), numbered(2), numbered(3))

        drafts = await house.drafts(3)
        await house.read_to(3)
        assert len(drafts) == len(await house.inbox()) == 3


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("451 4.3.0 come back later", ("sent", 0)), ("550 5.1.1 no such user", ("failed", 0)), (LOST, ("sent", 1))],
)
async def test_a_send_that_fails_is_tried_again_given_up_or_flagged(
    house: MailHouse, reply: str, outcome: tuple[str, int]
) -> None:
    await house.begin(replies="send")
    house.smtp.meets.append(reply)
    await house.deliver(vouched())

    assert await house.settled(1) == [outcome]
    times = 2 if reply == LOST else outcome[0] == "sent"
    assert len(house.smtp.arrived) == times
    assert len({message["Message-ID"] for _, message in house.smtp.arrived}) <= 1


async def test_a_lost_answer_is_found_where_the_server_keeps_what_was_sent(
    house: MailHouse, imap: DovecotServer
) -> None:
    house.smtp.keep = lambda sent: imap.deliver(house.address, sent, folder="Sent")
    await house.begin(replies="send")
    house.smtp.meets.append(LOST)
    await house.deliver(vouched())

    assert await house.settled(1) == [("sent", 0)]
    assert len(house.smtp.arrived) == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"imap": "imap://127.0.0.1:1"}, "cannot be reached"),
        ({"imap": "https://mail.example"}, "imaps://"),
        ({"imap": "imaps://ada:secret@mail.example"}, "beside it"),
        ({"address": "no address"}, "address"),
        ({"replies": "always"}, "draft or send"),
        ({"colour": "red"}, "colour"),
        ({"smtp": "smtp://10.0.0.1"}, "not a public address"),
    ],
)
async def test_a_mailbox_that_does_not_work_is_not_kept(house: MailHouse, changed: dict[str, str], says: str) -> None:
    refused = await house.connect(**changed)

    assert refused.status_code >= 400
    assert says in refused.text
    assert "mailbox-password" not in refused.text

"""Nobody heard whether a message was committed: it has its turn all the same if it was, once, and in its place."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from toys import LIMITS, SOON_S, House, Write, envelope, held, rest, told, until, within

from runtime.cell import Cell
from runtime.errors import Retryable
from runtime.message import Verdict


def held_commit(cell: Cell) -> AbstractAsyncContextManager[asyncio.Event]:
    """The next commit stands still until the block ends; the event says that it has been reached."""
    return held(cell._journal._writer, "commit")


def lose_next_answer(cell: Cell, times: int = 1) -> None:
    """The next commit (or so many) is done, and whoever asked for it hears of a failure."""
    writer = cell._journal._writer
    lost: list[bool] = []

    def lose(connection: Connection) -> None:
        if len(lost) < times:
            lost.append(True)
            connection.connection.commit()
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    event.listen(writer, "commit", lose)


async def test_a_message_whose_sender_left_while_it_was_committed_is_done_before_the_later_ones(house: House) -> None:
    cell = await house.cell()
    await told(cell, (await cell.accept([envelope(Write(text="zero"), house.clock)]))[0].message_id)
    first, second = (envelope(Write(text=text), house.clock) for text in ("one", "two"))
    async with held_commit(cell) as reached:
        leaving = asyncio.ensure_future(cell.accept([first]))
        await reached.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        after = asyncio.ensure_future(cell.accept([second]))
    await after
    await told(cell, second.message_id)

    assert await house.answers() == ["zero", "one", "two"]


async def test_a_message_whose_receipt_was_lost_is_done_once_and_before_the_later_ones(house: House) -> None:
    cell = await house.cell()
    await told(cell, (await cell.accept([envelope(Write(text="zero"), house.clock)]))[0].message_id)
    first, second = (envelope(Write(text=text), house.clock) for text in ("one", "two"))
    lose_next_answer(cell)
    with pytest.raises(Retryable):
        await cell.accept([first])
    await cell.accept([second])
    again = await cell.accept([first])
    await told(cell, second.message_id)

    assert again[0].verdict is Verdict.DUPLICATE
    assert house.stage.texts("started") == ["zero", "one", "two"]


async def test_a_message_that_is_sent_again_while_its_retry_is_due_is_not_overtaken(house: House) -> None:
    house.limits = within(LIMITS, tick_s=3_600)  # the test says when the inbox is read
    cell = await house.cell()
    house.stage.failures["one"] = [Retryable("not now")]
    first, second = (envelope(Write(text=text), house.clock) for text in ("one", "two"))
    await cell.accept([first])
    await house.stage.saw("started", "one")
    await rest(cell)
    await cell.accept([second])
    house.clock.advance(100)
    async with held_commit(cell) as reached:
        again = asyncio.ensure_future(cell.accept([first]))
        await reached.wait()
        await (await cell.tenant("acme")).deliver_due()
        await house.stage.saw("started", "one", times=2)
    await again
    await told(cell, second.message_id)

    assert await house.answers() == ["one", "two"]


async def test_who_watches_hears_of_a_turn_that_came_true_though_the_journal_answered_neither_it_nor_its_retry(
    house: House,
) -> None:
    cell, gate = await house.cell(), house.stage.hold("one")
    message = envelope(Write(text="one"), house.clock)
    await cell.accept([message])
    await house.stage.saw("started", "one")
    watching = asyncio.create_task(told(cell, message.message_id))
    await until(lambda: cell.status()["watching"] == 1)
    lose_next_answer(cell, times=2)
    gate.set()
    await until(lambda: bool(cell.status()["counts"]["failures"]))  # type: ignore[index]
    async with asyncio.timeout(SOON_S):
        while not watching.done():
            house.clock.advance(1)
            await asyncio.sleep(LIMITS.tick_s)

    assert (await watching)[-1].data == {"status": "answered", "answer": "one"}
    assert house.stage.texts("started") == ["one"]
    assert await house.answers() == ["one"]

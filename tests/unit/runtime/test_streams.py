"""Answers as they are made: readers see every event once, in order, ending with done."""

from __future__ import annotations

import asyncio

from runtime.message import StreamEvent
from runtime.streams import KEPT, RING, SPAN, WHOLE, Stream, Streams


async def read(stream: Stream, after_seq: int = 0) -> list[StreamEvent]:
    async with asyncio.timeout(5):
        return [event async for event in stream.read(after_seq)]


def names(events: list[StreamEvent]) -> list[str]:
    return [event.event for event in events]


def names_kept(stream: Stream) -> list[str]:
    return [event.event for event in stream._events]


async def test_a_reader_sees_what_was_and_what_comes_without_a_lost_wake_up() -> None:
    stream = Stream(SPAN)
    stream.add("token", {"n": 0})
    readers = [asyncio.create_task(read(stream)) for _ in range(10)]
    for n in range(1, 200):
        if n % 3 == 0:
            await asyncio.sleep(0)
        stream.add("token", {"n": n})
    stream.add("done", {})

    for events in await asyncio.gather(*readers):
        assert [event.data.get("n") for event in events[:-1]] == list(range(200))
        assert events[-1].event == "done"


async def test_a_reader_resumes_after_the_number_that_it_has_seen() -> None:
    stream = Stream(SPAN)
    for n in range(5):
        stream.add("token", {"n": n})
    stream.add("done", {})

    assert [event.seq for event in await read(stream, SPAN + 3)] == [SPAN + 4, SPAN + 5, SPAN + 6]


async def test_a_new_try_makes_readers_forget_the_former_one_once() -> None:
    stream = Stream(SPAN)
    stream.begin()
    stream.add("token", {"n": 0})
    stream.add("token", {"n": 1})
    stream.begin()
    stream.add("token", {"n": 2})
    stream.add("done", {})

    assert names(await read(stream, SPAN + 1)) == ["reset", "token", "done"]
    assert names(await read(stream)) == ["reset", "token", "done"]


async def test_a_first_try_says_no_reset() -> None:
    stream = Stream(SPAN)
    stream.begin()
    stream.add("done", {})

    assert names(await read(stream)) == ["done"]


async def test_a_reader_from_an_older_epoch_is_told_to_reset_and_numbers_keep_growing() -> None:
    stream = Stream(2 * SPAN)
    stream.add("token", {})
    stream.add("done", {})
    events = await read(stream, SPAN + 70)

    assert names(events) == ["reset", "token", "done"]
    assert events[0].seq > SPAN + 70
    assert [event.seq for event in events] == sorted({event.seq for event in events})


async def test_numbers_go_on_from_a_newer_epoch_also_where_the_stream_is_from_an_older_one() -> None:
    streams = Streams()
    streams.open("a", "m", 1).add("token", {})
    stream = streams.open("a", "m", 4)  # another cell has served epochs 2 and 3 meanwhile
    stream.add("done", {})
    events = await read(stream, 3 * SPAN + 5)

    assert names(events) == ["reset", "done"]
    assert events[0].seq > 3 * SPAN + 5


async def test_a_reader_from_a_newer_epoch_is_told_done_with_a_number_above_what_it_has_seen() -> None:
    stream = Stream(2 * SPAN)
    stream.add("done", {})

    assert [event.seq for event in await read(stream, 3 * SPAN + 5)] == [3 * SPAN + 6]


async def test_a_reader_that_was_too_slow_for_the_ring_is_told_to_reset() -> None:
    stream = Stream(SPAN)
    for n in range(RING + 50):
        stream.add("token", {"n": n})
    stream.add("done", {})

    assert names(await read(stream, SPAN + 10))[0] == "reset"


async def test_a_reader_that_has_seen_everything_gets_done_again_instead_of_silence() -> None:
    stream = Stream(SPAN)
    stream.add("done", {"answer": "x"})

    for seen in (SPAN + 1, SPAN + 99, 10 * SPAN):
        assert [event.data for event in await read(stream, seen)] == [{"answer": "x"}]


async def test_nothing_comes_after_done_until_the_message_is_tried_again() -> None:
    stream = Stream(SPAN)
    stream.add("done", {"status": "failed"})
    stream.add("token", {})
    stream.finish()
    assert names(await read(stream)) == ["done"]

    stream.begin()  # a dead letter that is replayed
    stream.add("done", {"status": "answered"})
    assert [event.data.get("status") for event in await read(stream)] == [None, "answered"]


def test_finished_streams_are_forgotten_oldest_first_and_running_ones_are_kept() -> None:
    streams = Streams()
    running = streams.open("acme", "running", 1)
    for n in range(KEPT + 10):
        streams.open("acme", f"m{n}", 1).finish()

    assert streams.get("acme", "running") is running
    assert streams.get("acme", "m0") is None
    assert streams.get("acme", f"m{KEPT + 9}") is not None


async def test_of_older_answers_only_done_is_kept_and_their_readers_start_anew() -> None:
    streams = Streams()
    old, running = streams.open("acme", "old", 1), streams.open("acme", "running", 1)
    for stream in (old, running):
        stream.add("token", {})
        stream.add("token", {})
    old.add("done", {"answer": "x"})
    for n in range(2 * WHOLE):
        streams.open("acme", f"m{n}", 1).finish()
    running.finish()

    assert names(await read(old)) == ["done"]
    assert names(await read(old, SPAN + 1)) == ["reset", "done"]
    assert names(await read(running)) == ["token", "token", "done"]


def test_answers_that_took_long_are_condensed_too_once_they_have_ended() -> None:
    streams = Streams()
    slow = [streams.open("a", f"slow {n}", 1) for n in range(2 * WHOLE)]
    for stream in slow:
        stream.add("token", {})
        stream.add("done", {})
    for n in range(2 * WHOLE):
        streams.open("a", f"quick {n}", 1).add("done", {})

    assert len(streams._whole) <= WHOLE
    assert all(len(stream._events) == 1 for stream in slow)


def test_nothing_is_kept_of_a_tenant_that_was_forgotten_also_where_its_answers_end_later() -> None:
    streams = Streams()
    running = [streams.open("a", f"m{n}", 1) for n in range(2 * WHOLE)]
    streams.open("a", "ended", 1).finish()
    streams.forget("a")
    for stream in running:
        stream.finish()

    assert [len(kept) for kept in (streams._streams, streams._finished, streams._whole)] == [0, 0, 0]


def test_an_answer_that_is_made_again_is_whole_and_among_the_newest_once_it_has_ended() -> None:
    streams = Streams()
    again = streams.open("a", "again", 1)
    again.finish()
    again.begin()  # a dead letter that is replayed
    for n in range(2 * KEPT):
        streams.open("a", f"m{n}", 1).finish()
    assert streams.get("a", "again") is again

    again.add("token", {})
    again.finish()
    streams.open("a", "next", 1).finish()
    assert streams.get("a", "again") is again
    assert names_kept(again) == ["reset", "token", "done"]
    assert len(streams._finished) == KEPT == len(streams._streams)


def test_streams_of_two_tenants_with_one_message_id_are_two_streams() -> None:
    streams = Streams()

    assert streams.open("a", "m", 1) is not streams.open("b", "m", 1)
    streams.forget("a")
    assert streams.get("a", "m") is None
    assert streams.get("b", "m") is not None

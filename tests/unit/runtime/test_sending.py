"""What becomes of a message after its call: decided without I/O, and never again without a flag where nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.channel import Found, Resolution
from runtime.errors import DeadlineExceeded, Fenced, Invalid, Overloaded, Retryable, Terminal, Unavailable
from runtime.retry import RetryPolicy
from runtime.sending import Moment, after_asking, after_error, unknown
from runtime.store.outbox import OutboxRow

POLICY = RetryPolicy(tries=3, first_s=10.0, jitter=0.2)
NOW = Moment(now=1_000.0, random=0.5)
ROW = OutboxRow(
    tenant="acme",
    outbox_id="out_1",
    seq=1,
    conversation_id="c",
    channel="outside",
    turn_id="turn_1",
    trace_id="",
    body="{}",
    attempts=1,
    maybe_duplicate=False,
    deadline=100_000.0,
)


@pytest.mark.parametrize("error", [Terminal("no"), Invalid("no")])
def test_what_is_refused_for_good_is_not_tried_again(error: Exception) -> None:
    settled = after_error(POLICY, ROW, error, NOW)

    assert settled is not None
    assert (settled.state, settled.maybe_duplicate) == ("failed", False)
    assert settled.error == f"{type(error).__name__}: no"


@pytest.mark.parametrize("error", [Retryable("later"), Unavailable("later")])
def test_what_was_not_sent_for_now_is_tried_again_until_the_policy_ends(error: Exception) -> None:
    fates = [after_error(POLICY, replace(ROW, attempts=attempts), error, NOW) for attempts in (1, 2, 3)]

    assert [fate and (fate.state, fate.due_at) for fate in fates] == [
        ("queued", 1_010.0),
        ("queued", 1_020.0),
        ("failed", 0.0),
    ]


def test_a_provider_that_says_when_is_not_called_before() -> None:
    settled = after_error(POLICY, ROW, Retryable("later", retry_after=77), NOW)

    assert settled is not None
    assert settled.due_at == 1_077.0


def test_a_reached_rate_takes_none_of_the_tries_but_ends_at_the_deadline() -> None:
    last = replace(ROW, attempts=3)
    settled = after_error(POLICY, last, Overloaded("slow down", retry_after=30), NOW)
    late = after_error(POLICY, replace(last, deadline=1_020.0), Overloaded("slow down", retry_after=30), NOW)

    assert settled is not None
    assert late is not None
    assert (settled.state, settled.attempts) == ("queued", 2)
    assert 1_030.0 <= settled.due_at <= 1_036.0
    assert late.state == "failed"


@pytest.mark.parametrize(
    "error", [DeadlineExceeded("?"), TimeoutError(), ConnectionResetError(), KeyError("bug"), Fenced("?")]
)
def test_after_anything_else_nobody_knows(error: Exception) -> None:
    assert after_error(POLICY, ROW, error, NOW) is None


def test_what_has_arrived_is_sent_also_while_its_call_may_still_run() -> None:
    told = Resolution(found=Found.SENT, provider_id="p")
    settled = after_asking(POLICY, ROW, told, NOW, final=False)

    assert settled is not None
    assert (settled.state, settled.provider_id, settled.maybe_duplicate) == ("sent", "p", False)


def test_not_there_is_believed_only_once_the_call_is_over_for_good() -> None:
    told = Resolution(found=Found.NOT_SENT)
    settled = after_asking(POLICY, ROW, told, NOW, final=True)

    assert after_asking(POLICY, ROW, told, NOW, final=False) is None
    assert settled is not None
    assert (settled.state, settled.maybe_duplicate) == ("queued", False)


def test_what_nobody_will_know_is_sent_once_more_with_a_flag_and_then_given_up() -> None:
    told = Resolution(found=Found.UNKNOWN)
    once = after_asking(POLICY, ROW, told, NOW, final=True)
    assert once is not None
    assert (once.state, once.maybe_duplicate, once.due_at) == ("queued", True, NOW.now)
    twice = after_asking(POLICY, replace(ROW, attempts=2, maybe_duplicate=True), told, NOW, final=True)

    assert twice is not None
    assert (twice.state, twice.maybe_duplicate) == ("failed", True)
    assert "may have arrived" in twice.error


@given(
    found=st.sampled_from(Found),
    final=st.booleans(),
    flagged=st.booleans(),
    attempts=st.integers(1, 5),
    late=st.booleans(),
)
def test_an_unflagged_message_is_queued_again_only_where_it_is_certainly_not_there(
    found: Found, final: bool, flagged: bool, attempts: int, late: bool
) -> None:
    row = replace(ROW, attempts=attempts, maybe_duplicate=flagged, deadline=0.0 if late else ROW.deadline)
    settled = after_asking(POLICY, row, Resolution(found=found), NOW, final=final)

    if settled is not None and settled.state == "queued" and not settled.maybe_duplicate:
        assert final
        assert found is Found.NOT_SENT
    if settled is not None and flagged:
        assert settled.maybe_duplicate
    assert not (late and settled is not None and settled.state == "queued")


def test_what_is_given_up_unknown_is_flagged() -> None:
    settled = unknown(replace(ROW, deadline=1.0), "Nobody knows.", NOW)

    assert (settled.state, settled.maybe_duplicate) == ("failed", True)

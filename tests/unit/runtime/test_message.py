"""Trace context as the W3C defines it, and what a message from outside begins with."""

from __future__ import annotations

import re

import pytest

from runtime.address import ActorId
from runtime.message import Envelope, Trace
from runtime.principal import Principal, Role

GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_callers_trace_is_continued_in_a_new_span() -> None:
    trace = Trace.parse(GOOD)

    assert trace.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert trace.span_id != "b7ad6b7169203331"


@pytest.mark.parametrize(
    "header",
    [None, "", "x", GOOD[:-3], GOOD.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32), GOOD.replace("0af", "0_f"),
     GOOD.replace("0af", "0xf"), GOOD.replace("b7a", "+7a")],
)  # fmt: skip
def test_a_malformed_trace_is_replaced_by_a_new_one(header: str | None) -> None:
    trace = Trace.parse(header)

    assert trace.trace_id not in (header or "-")
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace.header())


def test_a_message_from_outside_has_an_id_a_trace_and_a_deadline_of_its_own() -> None:
    ada = Principal(tenant="inn", role=Role.ANONYMOUS, identity="ada", verified_by="test")

    one, other = (Envelope.first(ActorId("inn", "book"), "hello", ada, ttl_s=30, now=1_000.0) for _ in range(2))

    assert one.deadline == 1_030.0
    assert one.message_id != other.message_id
    assert one.trace.trace_id != other.trace.trace_id


def test_what_a_message_causes_is_said_on_behalf_of_the_same_person_under_the_same_trace_and_deadline() -> None:
    ada = Principal(tenant="inn", role=Role.ANONYMOUS, identity="ada", verified_by="test")
    cause = Envelope.first(ActorId("inn", "book", "lobby"), "hello", ada)

    caused = cause.causes("in_1", "bell", "main", "ring")

    assert (caused.principal, caused.trace, caused.deadline) == (cause.principal, cause.trace, cause.deadline)
    assert (caused.to, caused.sender) == (ActorId("inn", "bell"), "inn/book/lobby")

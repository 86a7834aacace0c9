"""Durable bodies outlive a deployment."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import Look, Write

from actors.messages import Customer, Say
from runtime.codec import Codec
from runtime.errors import Terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    inner: Write
    pairs: tuple[tuple[str, int], ...] = field(default=())


@given(st.text(), st.lists(st.tuples(st.text(), st.integers())))
def test_what_is_encoded_comes_back_equal(text: str, pairs: list[tuple[str, int]]) -> None:
    codec = Codec([Nested])
    body = Nested(inner=Write(text=text), pairs=tuple(pairs))

    assert codec.decode(codec.encode(body)) == body


@given(st.text(), st.none() | st.just(Customer(id="c", name="Ann")))
def test_a_persons_message_comes_back_equal(text: str, customer: Customer | None) -> None:
    codec = Codec([Say])
    said = Say(text=text, conversation_id="c1", channel="web", customer=customer, context=(("user", "hi"),))

    assert codec.decode(codec.encode(said)) == said


def test_a_field_of_a_newer_writer_is_ignored() -> None:
    assert Codec([Write]).decode('["Write",{"text":"x","colour":"red"}]') == Write(text="x")


@pytest.mark.parametrize("text", ['["Gone",{}]', '["Write",{}]', "no json", "{}", "[1]", '["Write",{"text":[]}]', "3"])
def test_what_this_version_does_not_understand_is_terminal(text: str) -> None:
    with pytest.raises(Terminal):
        Codec([Write]).decode(text)


def test_an_unregistered_class_is_not_durable() -> None:
    with pytest.raises(Terminal):
        Codec([Write]).encode(Look(text="x"))

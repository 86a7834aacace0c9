"""A message is read from the inbox as it was accepted; what this version cannot read is Terminal as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.address import ActorId
from runtime.codec import Codec
from runtime.errors import Terminal
from runtime.message import Envelope, Tier, Trace
from runtime.principal import Principal, Role
from runtime.stored import to_envelope, to_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    text: str


CODEC = Codec([Said])
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
envelopes = st.builds(
    Envelope,
    message_id=st.just("msg_1"),
    to=st.builds(ActorId, st.just("acme"), st.just("toy"), st.just("main")),
    principal=st.builds(
        Principal, tenant=st.just("acme"), role=st.sampled_from(Role), identity=texts, verified_by=texts
    ),
    body=st.builds(Said, text=texts),
    trace=st.builds(Trace, trace_id=st.just("t"), span_id=st.just("s")),
    deadline=st.floats(0, 1e10),
    tier=st.sampled_from(Tier),
    sender=texts,
    dedupe_key=texts,
)


@given(envelopes)
def test_whoever_spoke_and_whatever_was_said_comes_back_equal(envelope: Envelope) -> None:
    assert to_envelope(to_row(envelope, CODEC, 1.0), CODEC) == envelope


@pytest.mark.parametrize(
    "changed",
    [
        {"principal": '{"tenant": "acme", "role": "emperor", "identity": "", "verified_by": ""}'},
        {"principal": '{"tenant": "acme"}'},
        {"principal": "not json"},
        {"trace": '{"other": 1}'},
        {"tier": 77},
        {"body": '["Shouted", {}]'},
    ],
)
def test_what_this_version_does_not_understand_is_terminal(changed: dict[str, object]) -> None:
    ada = Principal(tenant="acme", role=Role.OWNER, identity="k", verified_by="api-key")
    row = to_row(Envelope.first(ActorId("acme", "toy"), Said(text="x"), ada), CODEC, 1.0)

    with pytest.raises(Terminal):
        to_envelope(replace(row, **changed), CODEC)  # type: ignore[arg-type]

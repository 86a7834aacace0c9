"""An answer goes to the address that came with its question, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from actors.channels.reply import reply_of
from actors.messages import Citation
from runtime.channel import Outgoing
from runtime.errors import Terminal

BODY: dict[str, Any] = {
    "text": "Yes [1].",
    "citations": [{"n": 1, "document_id": "d", "chunk_id": "c", "quote": "q", "title": "t"}],
    "channel_id": "ch_1",
    "reply_to": {"chat_id": "5"},
    "message_ids": ["msg_1"],
}


def outgoing(**changed: Any) -> Outgoing:
    return Outgoing(
        tenant="acme",
        outbox_id="out_1",
        conversation_id="c",
        channel="telegram",
        turn_id="t",
        trace_id="",
        body={**BODY, **changed},
        attempt=1,
        maybe_duplicate=False,
    )


def test_what_to_say_and_where_comes_from_the_message() -> None:
    reply = reply_of(outgoing())

    assert (reply.channel_id, reply.to, reply.text) == ("ch_1", {"chat_id": "5"}, "Yes [1].")
    assert reply.citations == (Citation(n=1, document_id="d", chunk_id="c", quote="q", title="t"),)


@pytest.mark.parametrize("missing", ["channel_id", "reply_to", "text"])
def test_what_is_bound_to_no_address_is_never_sent(missing: str) -> None:
    with pytest.raises(Terminal):
        reply_of(outgoing(**{missing: None}))

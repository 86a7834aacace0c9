"""WhatsApp's light markup, in messages that it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.channels.format.chat import MOST_PARTS
from actors.channels.format.split import units
from actors.channels.format.whatsapp import LIMIT, whatsapp
from actors.messages import Citation


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a **b** *c* ~~d~~ `e`", "a *b* _c_ ~d~ `e`"),
        ("**a\nb**", "*a*\n*b*"),
        ("# Title\n\n- one\n- two", "*Title*\n\n• one\n• two"),
        ("[terms](https://a.example/t)", "terms (https://a.example/t)"),
        ("[**the** terms](https://a.example/t)", "*the* terms (https://a.example/t)"),
        ("[a.example](https://a.example)", "a.example"),
        ("```\nx = 1\n```", "```\nx = 1\n```"),
        ("2*3*4 = 24, snake_case", "2*3*4 = 24, snake_case"),
    ],
)
def test_styles_are_written_as_whatsapp_reads_them(text: str, shown: str) -> None:
    assert whatsapp(text) == [shown]


def test_what_an_answer_rests_on_stands_below_it() -> None:
    citation = Citation(n=1, document_id="d", chunk_id="c", quote="We ship abroad.", title="Delivery policy")

    assert whatsapp("We ship abroad [1].", [citation]) == ["We ship abroad [1].\n\n_[1] Delivery policy_"]


@pytest.mark.parametrize("piece", ["word. ", "**bold** ", "**b**\n", "😀", "\u202eשלום ", "a" * 5_000])
def test_a_long_answer_comes_in_messages_that_fit(piece: str) -> None:
    for length in (9_000, 100_000):
        messages = whatsapp((piece * 100_000)[:length])
        assert 1 < len(messages) <= MOST_PARTS
        assert all(0 < units(message) <= LIMIT for message in messages)


@given(st.text(st.characters(), max_size=300))
def test_any_text_can_be_sent(text: str) -> None:
    for message in whatsapp(text):
        assert message.strip()
        message.encode()

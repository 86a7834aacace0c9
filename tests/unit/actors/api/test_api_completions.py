"""The OpenAI form of a question, and what can be told of an answer that is made anew."""

from __future__ import annotations

from typing import Any

import pytest

from actors.api.completions import CompletionIn, Sent, question_of
from runtime.errors import Invalid


def question(*messages: dict[str, Any], **settings: Any) -> Any:
    return question_of(CompletionIn(messages=messages, **settings))  # type: ignore[arg-type]


def test_the_last_user_message_is_the_question_and_the_rest_its_context() -> None:
    found = question(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "1"},
        {"role": "tool", "content": "{}", "tool_call_id": "x"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": [{"type": "text", "text": " Two"}, {"type": "text", "text": "parts? "}]},
    )
    assert found.text == "Two\nparts?"
    assert found.context == (("user", "One?"), ("assistant", "1"))
    assert found.instructions == "Be brief."


@pytest.mark.parametrize(
    ("messages", "settings"),
    [
        ([{"role": "system", "content": "x"}], {}),
        ([{"role": "user", "content": "  "}], {}),
        ([{"role": "user", "content": None}], {}),
        ([{"role": "user", "content": [{"type": "input_audio"}]}], {}),
        ([{"role": "user", "content": "x" * 200_001}], {}),
        ([{"role": "user", "content": "x"}], {"n": 2}),
        ([{"role": "user", "content": "x"}], {"response_format": {"type": "json_object"}}),
    ],
)
def test_what_cannot_be_answered_is_refused(messages: list[dict[str, Any]], settings: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        question(*messages, **settings)


def test_settings_that_have_no_effect_are_taken() -> None:
    assert question({"role": "user", "content": "x"}, tools=[], seed=4, n=1, top_p=0.1).text == "x"


def test_system_messages_are_instructions_wherever_they_stand_and_bounded() -> None:
    asked = {"role": "user", "content": "x"}
    found = question({"role": "system", "content": "a"}, asked, {"role": "developer", "content": "b" * 9_000})
    assert found.instructions.startswith("a\nb")
    assert len(found.instructions) == 4_000


def test_an_answer_without_a_reset_is_sent_as_it_comes() -> None:
    sent = Sent()
    assert [sent.token("a"), sent.token("b")] == ["a", "b"]
    assert sent.rest("ab") == ""
    assert sent.rest("abc") == "c"


def test_after_a_reset_nothing_is_sent_twice_and_a_different_answer_is_told_apart() -> None:
    sent = Sent()
    sent.token("ab")
    sent.reset()
    assert [sent.token("a"), sent.token("bc")] == ["", ""]
    assert sent.rest("abc") == "c"
    assert sent.rest("xyz") is None

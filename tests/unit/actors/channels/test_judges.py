"""What a provider's answer means for the message: every error is sent again, later, never, or is in doubt."""

from __future__ import annotations

from typing import Any

import pytest

from actors.channels.calls import Answered
from actors.channels.telegram.judge import result_of as telegram
from actors.channels.whatsapp.judge import result_of as whatsapp
from actors.channels.wire import Fields
from runtime.errors import DeadlineExceeded, Overloaded, RagleapError, Terminal, Unavailable


def answered(status: int, told: dict[str, Any]) -> Answered:
    return Answered(status=status, told=Fields(told))


@pytest.mark.parametrize(
    ("status", "told", "error"),
    [
        (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 7}}, Overloaded),
        (500, {"ok": False, "error_code": 500, "description": "Internal"}, Unavailable),
        (400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}, Terminal),
        (403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}, Terminal),
        (401, {"ok": False, "error_code": 401, "description": "Unauthorized"}, Terminal),
        (502, {}, DeadlineExceeded),
        (200, {}, DeadlineExceeded),
    ],
)
def test_telegrams_errors_tell_what_happens_next(status: int, told: dict[str, Any], error: type[RagleapError]) -> None:
    with pytest.raises(RagleapError) as raised:
        telegram(answered(status, told))

    assert type(raised.value) is error


def test_telegram_says_how_long_to_wait_within_reason() -> None:
    for asked, waited in ((7, 7.0), (0, 1.0), ("x", 1.0), (10**9, 3600.0)):
        with pytest.raises(Overloaded) as raised:
            telegram(answered(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": asked}}))
        assert raised.value.retry_after == waited


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 131047, Terminal),
        (400, 131026, Terminal),
        (400, 100, Terminal),
        (401, 190, Terminal),
        (400, 130429, Overloaded),
        (400, 131056, Overloaded),
        (400, 80007, Overloaded),
        (500, 131000, Unavailable),
        (500, 2, Unavailable),
        (503, 131016, Unavailable),
    ],
)
def test_whatsapps_errors_tell_what_happens_next(status: int, code: int, error: type[RagleapError]) -> None:
    with pytest.raises(RagleapError) as raised:
        whatsapp(answered(status, {"error": {"code": code, "message": "why"}}))

    assert type(raised.value) is error


def test_whatsapp_names_the_closed_window_and_waits_for_the_pair() -> None:
    with pytest.raises(Terminal, match="24 hours"):
        whatsapp(answered(400, {"error": {"code": 131047}}))
    with pytest.raises(Overloaded) as raised:
        whatsapp(answered(400, {"error": {"code": 131056}}))
    assert raised.value.retry_after == 6.0


@pytest.mark.parametrize(("status", "told"), [(502, {}), (500, {"x": 1}), (200, {})])
def test_what_is_not_whatsapps_own_answer_leaves_it_open(status: int, told: dict[str, Any]) -> None:
    with pytest.raises(DeadlineExceeded):
        whatsapp(answered(status, told))


def test_results_are_handed_on() -> None:
    assert telegram(answered(200, {"ok": True, "result": {"message_id": 3}})).id("message_id") == "3"
    sent = whatsapp(answered(200, {"messages": [{"id": "wamid.1"}]}))
    assert [each.id("id") for each in sent.each("messages")] == ["wamid.1"]

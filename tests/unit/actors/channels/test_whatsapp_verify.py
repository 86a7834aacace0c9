"""Only Meta is believed."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from actors.channels.whatsapp.verify import challenge, signed

SECRET = "the app's secret"
BODY = '{"entry": [], "text": "é"}'.encode()
GOOD = "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
QUERY = {"hub.mode": "subscribe", "hub.verify_token": "token", "hub.challenge": "1158201444"}


def test_the_raw_bytes_are_what_is_signed() -> None:
    assert signed(BODY, GOOD, SECRET)
    assert not signed(BODY.replace(b": ", b":"), GOOD, SECRET)


@pytest.mark.parametrize(
    "header",
    ["", "sha256=", GOOD[:-1], GOOD[:-1] + "x", GOOD.removeprefix("sha256="), "sha1=" + GOOD[7:], "sha256=é\ud800"],
)
def test_another_signature_is_refused(header: str) -> None:
    assert not signed(BODY, header, SECRET)


def test_without_a_secret_nothing_is_signed() -> None:
    forged = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()

    assert not signed(BODY, forged, "")
    assert not signed(BODY, GOOD, "another secret")


def test_the_challenge_is_answered_to_who_knows_the_token() -> None:
    assert challenge(QUERY, "token") == "1158201444"


@pytest.mark.parametrize(
    "wrong",
    [{"hub.verify_token": "toke"}, {"hub.mode": "unsubscribe"}, {"hub.challenge": ""}, {"hub.verify_token": "é\ud800"}],
)
def test_no_other_challenge_is_answered(wrong: dict[str, str]) -> None:
    assert challenge({**QUERY, **wrong}, "token") is None
    assert challenge({**QUERY, "hub.verify_token": ""}, "") is None

"""Session tokens: only what this server signed, only while it lasts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.api.sessions import LIFETIME_S, Session, SessionTokens

TOKENS = SessionTokens(b"a secret of enough bytes")
SESSION = Session.new(tenant="shop", embed_key="emb_1", now=1_000.0)


def test_a_signed_session_is_read_back() -> None:
    assert TOKENS.verify(TOKENS.sign(SESSION), now=1_001.0) == SESSION


def test_a_session_ends() -> None:
    token = TOKENS.sign(SESSION)
    assert TOKENS.verify(token, now=1_000.0 + LIFETIME_S - 1) is not None
    assert TOKENS.verify(token, now=1_000.0 + LIFETIME_S) is None


def test_another_servers_token_is_none() -> None:
    assert SessionTokens(b"another secret of bytes").verify(TOKENS.sign(SESSION), now=1_001.0) is None


@given(at=st.integers(min_value=0), char=st.characters(codec="ascii", categories=["L", "N", "P"]))
def test_a_token_with_any_character_changed_is_refused(at: int, char: str) -> None:
    token = TOKENS.sign(SESSION)
    at %= len(token) - 1  # the last character's low bits are padding
    if token[at] != char:
        assert TOKENS.verify(token[:at] + char + token[at + 1 :], now=1_001.0) is None


@given(st.text(max_size=2_000))
def test_no_text_that_is_no_token_breaks_the_check(text: str) -> None:
    assert TOKENS.verify(text, now=0.0) is None
    assert TOKENS.verify(f"wst_{text}", now=0.0) is None


def test_two_sessions_are_never_one() -> None:
    others = {Session.new(tenant="shop", embed_key="emb_1", now=1.0).session_id for _ in range(100)}
    assert len(others) == 100


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        SessionTokens(b"short")

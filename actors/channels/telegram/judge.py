"""What an answer of the Bot API means for the message: sent, later, or never. Pure.

https://core.telegram.org/bots/api#making-requests (ok, error_code, parameters.retry_after).

Held by tests/unit/actors/channels/test_judges.py.
"""

from __future__ import annotations

from actors.channels.calls import Answered
from actors.channels.wire import Fields
from runtime.errors import DeadlineExceeded, Overloaded, Terminal, Unavailable

_MOST_WAIT_S = 3_600.0


def result_of(answered: Answered) -> Fields:
    """The call's result. Raises Overloaded (its rate is reached), Unavailable (not done for now), Terminal (never), or
    DeadlineExceeded where an answer that is not Telegram's own leaves it open."""
    told = answered.told
    if told.true("ok"):
        return told.fields("result")
    if "ok" not in told:
        raise DeadlineExceeded(f"Something between us and Telegram answered with {answered.status}.")
    code = int(told.number("error_code") or answered.status)
    reason = told.text("description", most=300) or "no reason given"
    wait = told.fields("parameters").number("retry_after")
    if code == 429:
        raise Overloaded("Telegram asks to wait.", retry_after=min(max(wait or 1.0, 1.0), _MOST_WAIT_S))
    if code >= 500:
        raise Unavailable(f"Telegram failed: {reason}.", retry_after=wait or 1.0)
    if code in (401, 404):
        raise Terminal("Telegram does not know the bot's token.", do="Run `ragleap channel add` again with a new one.")
    raise Terminal(f"Telegram refused it: {reason}.", do=_TODO.get(code, ""))


_TODO = {403: "The person has blocked the bot, or the group has removed it."}

"""What an answer of the Graph API means for the message: sent, later, or never. Pure.

https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes; the waits are second-hand, and ours.

Held by tests/unit/actors/channels/test_judges.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from actors.channels.calls import Answered
from actors.channels.wire import Fields
from runtime.errors import DeadlineExceeded, Overloaded, Terminal, Unavailable

# Rates, and after how many seconds it is worth another try: the app's, the account's, the number's, its quality's, and
# that of one pair of numbers.
_RATES: Mapping[int, float] = {4: 60.0, 80007: 60.0, 130429: 2.0, 131048: 300.0, 131056: 6.0}
_FOR_NOW = frozenset({1, 2, 131000, 131016, 131057, 133004})
_CREDENTIALS = frozenset({0, 3, 10, 190, 200, 131005})
_TODO: Mapping[int, str] = {
    131047: "More than 24 hours have passed since the person last wrote; WhatsApp takes only an approved template now.",
    131026: "The person cannot be reached over WhatsApp at this number.",
    131030: "The number is not among the test account's allowed recipients.",
    131042: "See to the payment method of the WhatsApp Business account.",
}


def result_of(answered: Answered) -> Fields:
    """The call's result. Raises Overloaded (its rate is reached), Unavailable (not done for now), Terminal (never), or
    DeadlineExceeded where an answer that is not the Graph API's own leaves it open."""
    if "error" not in answered.told:
        if 200 <= answered.status < 300 and answered.told:
            return answered.told
        raise DeadlineExceeded(f"Something between us and WhatsApp answered with {answered.status}.")
    error = answered.told.fields("error")
    code = int(error.number("code") or 0)
    reason = error.fields("error_data").text("details", most=300) or error.text("message", most=300)
    if code in _RATES:
        raise Overloaded("WhatsApp asks to wait.", retry_after=_RATES[code])
    if code in _FOR_NOW or error.true("is_transient"):
        raise Unavailable(f"WhatsApp failed ({code}): {reason}")
    if code in _CREDENTIALS and answered.status in (400, 401, 403):
        raise Terminal(
            f"WhatsApp does not take the access token ({code}).", do="Run `ragleap channel add` again with a new one."
        )
    raise Terminal(f"WhatsApp refused it ({code}): {reason}", do=_TODO.get(code, ""))

"""What the end of an SMTP dialogue means for the message: sent, later, never, or unknown. Pure.

RFC 5321 4.2 (replies), RFC 3463 (enhanced codes).

Held by tests/unit/actors/channels/mail/test_judge.py.
"""

from __future__ import annotations

import re

from aiosmtplib import SMTPAuthenticationError, SMTPNotSupported, SMTPRecipientsRefused, SMTPResponseException

from runtime.errors import DeadlineExceeded, Overloaded, RagleapError, Terminal, Unavailable

RATE_WAIT_S = 60.0
_RATE = re.compile(r"\b4\.7\.28\b|\brate\b|too many|too fast|throttl", re.IGNORECASE)


def judged(error: Exception, *, sending: bool) -> RagleapError:
    """The error that the outbox understands. ``sending``: the message itself was on its way, so that nobody knows
    about it unless the server has said so."""
    if isinstance(error, RagleapError):
        return error
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        return judged(error.recipients[0], sending=False)
    if isinstance(error, SMTPResponseException):
        return _by_code(error)
    if isinstance(error, SMTPNotSupported):
        return Terminal("The mail server does not offer what is needed (TLS, or a way to sign in).")
    if sending:
        return DeadlineExceeded("The mail server's answer was lost.")
    return Unavailable("The mail server cannot be reached.")


def _by_code(error: SMTPResponseException) -> RagleapError:
    reason = " ".join(str(error.message).split())[:300]
    if isinstance(error, SMTPAuthenticationError) and 500 <= error.code < 600:
        return Terminal(
            "The mail server refuses the name or password of the mailbox.",
            do="Run `ragleap channel add email` again with the right ones.",
        )
    if 500 <= error.code < 600:
        return Terminal(f"The mail server refused it ({error.code}): {reason}.")
    if error.code in (421, 450, 451, 452) and _RATE.search(reason):
        return Overloaded("The mail server asks to wait.", retry_after=RATE_WAIT_S)
    if 400 <= error.code < 500:
        return Unavailable(f"The mail server cannot take it now ({error.code}): {reason}.")
    return DeadlineExceeded(f"The mail server answered with {error.code}.")

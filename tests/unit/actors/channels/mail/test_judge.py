"""What an SMTP dialogue's end means."""

from __future__ import annotations

import pytest
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPReadTimeoutError,
    SMTPRecipientRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from actors.channels.mail.judge import judged
from runtime.errors import DeadlineExceeded, Overloaded, Terminal, Unavailable


@pytest.mark.parametrize(
    ("error", "sending", "becomes"),
    [
        (SMTPRecipientRefused(550, "5.1.1 unknown", "a@x"), False, Terminal),
        (SMTPRecipientRefused(451, "4.7.1 greylisted, try again", "a@x"), False, Unavailable),
        (SMTPSenderRefused(421, "4.7.28 rate limit", "a@x"), False, Overloaded),
        (SMTPDataError(554, "5.7.1 spam"), True, Terminal),
        (SMTPDataError(452, "4.3.1 full"), True, Unavailable),
        (SMTPDataError(450, "too many messages"), True, Overloaded),
        (SMTPServerDisconnected("x"), False, Unavailable),
        (SMTPServerDisconnected("x"), True, DeadlineExceeded),
        (SMTPReadTimeoutError("x"), True, DeadlineExceeded),
        (OSError(), False, Unavailable),
    ],
)
def test_errors_say_what_became_of_the_message(error: Exception, sending: bool, becomes: type[Exception]) -> None:
    assert type(judged(error, sending=sending)) is becomes


def test_a_refused_password_is_not_told() -> None:
    found = judged(SMTPAuthenticationError(535, "hunter2 is wrong"), sending=False)

    assert type(found) is Terminal
    assert "hunter2" not in str(found)

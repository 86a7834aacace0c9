"""A mailbox's settings."""

from __future__ import annotations

import pytest

from actors.channels.mail.account import mail_account
from runtime.errors import Invalid

SETTINGS = {"address": "Shop@Shop.example", "imap": "imaps://mail.example", "smtp": "smtps://mail.example"}


def test_answers_wait_and_nobody_is_believed_unless_the_owner_says_so() -> None:
    made = mail_account("t", "ch", SETTINGS, {"password": "secret"})

    assert (made.address, made.username, made.folder) == ("shop@shop.example", "shop@shop.example", "INBOX")
    assert (made.sends, made.authserv_id) == (False, "")
    assert "secret" not in repr(made)


@pytest.mark.parametrize(
    "changed", [{"address": "shop"}, {"replies": "yes"}, {"imap": "x"}, {"smtp": "imaps://x.example"}]
)
def test_settings_that_do_not_fit_are_refused(changed: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        mail_account("t", "ch", {**SETTINGS, **changed}, {})

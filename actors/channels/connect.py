"""Connecting an account at a provider: what its owner must give, whether the provider takes it, and its webhook.

Held by tests/integration/channels/test_connect.py.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from actors.addresses import Network
from actors.channels.calls import Calls
from actors.channels.mail.account import MORE_SETTINGS, SETTINGS, MailAccount, mail_account
from actors.channels.mail.connect import answers
from actors.channels.telegram.account import TelegramAccount
from actors.channels.telegram.judge import result_of as telegram_result
from actors.channels.whatsapp.account import WhatsAppAccount
from actors.channels.whatsapp.judge import result_of as whatsapp_result
from runtime.errors import Invalid

UPDATES = ("message", "edited_message")  # what Telegram shall tell us
# By kind: the settings that its owner gives, which may be shown, and the secrets.
NEEDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "email": (SETTINGS, ("password",)),
    "telegram": ((), ("token",)),
    "whatsapp": (("phone_number_id",), ("access_token", "app_secret")),
}
MAY: Mapping[str, tuple[str, ...]] = {"email": MORE_SETTINGS}  # settings that may be left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """``settings`` and ``secrets`` are all that is to be kept; ``todo`` what the owner has to enter at the provider."""

    account: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    webhook_url: str
    todo: Mapping[str, str] = field(default_factory=dict, repr=False)


def checked(kind: str, public_url: str, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Raises Invalid for a kind that there is not, what is missing, what is too much, and an address without TLS."""
    if kind not in NEEDS:
        raise Invalid(f"There is no channel of the kind {kind[:40]!r}.", do=f"Use one of {', '.join(NEEDS)}.")
    for needed, given, what in zip(NEEDS[kind], (settings, secrets), ("setting", "secret"), strict=True):
        for name in needed:
            value = given.get(name, "")
            if not (value.isascii() and value.isprintable() and 0 < len(value) <= 1_000) or " " in value:
                raise Invalid(f"A {kind} channel needs the {what} {name}, in printable characters without spaces.")
        if more := sorted(set(given) - set(needed) - set(MAY.get(kind, ()) if what == "setting" else ())):
            raise Invalid(f"A {kind} channel has no {what} {more[0][:40]!r}.", do="Leave it out.")
    if kind == MailAccount.kind:
        mail_account("", "", settings, secrets)
        return  # it is we who call
    if not public_url.startswith("https://") or not public_url.isprintable() or len(public_url) > 500:
        raise Invalid("The provider reaches this server by https only.", do="Give the address of your TLS proxy.")


class Connect:
    """``telegram_url`` and ``whatsapp_url`` are where the providers' APIs are; ``allowed``: networks that mail servers
    may be in although they are not public."""

    def __init__(self, calls: Calls, *, telegram_url: str, whatsapp_url: str, allowed: Sequence[Network] = ()) -> None:
        self._calls = calls
        self._allowed = allowed
        self._telegram = telegram_url.rstrip("/")
        self._whatsapp = whatsapp_url.rstrip("/")

    async def connect(
        self, kind: str, channel_id: str, public_url: str, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> Connected:
        """Ask the provider who we are and, where it takes that from us, tell it where to reach us; of what was
        :func:`checked`. Raises as a send."""
        if kind == MailAccount.kind:
            account_named = await answers(mail_account("", channel_id, settings, secrets), self._allowed)
            return Connected(account=account_named, settings=settings, secrets=secrets, webhook_url="")
        webhook = f"{public_url.rstrip('/')}/webhooks/{kind}/{channel_id}"
        if kind == TelegramAccount.kind:
            return await self._bot(secrets["token"], webhook)
        kept = {**secrets, "verify_token": random.token_urlsafe(24)}
        account = await self._number(settings["phone_number_id"], secrets["access_token"])
        todo = {"Callback URL": webhook, "Verify token": kept["verify_token"], "Webhook fields": "messages"}
        return Connected(account=account, settings=settings, secrets=kept, webhook_url=webhook, todo=todo)

    async def account_name(self, account: WhatsAppAccount | TelegramAccount | MailAccount) -> str:
        """What the provider calls the account, by the credentials that are kept. Raises as a send."""
        if isinstance(account, MailAccount):
            return await answers(account, self._allowed)
        if isinstance(account, TelegramAccount):
            return f"@{(await self._me(account.token))[1]}"
        return await self._number(account.phone_number_id, account.access_token)

    async def _bot(self, token: str, webhook: str) -> Connected:
        bot_id, username = await self._me(token)
        secret = random.token_urlsafe(32)
        body = {
            "url": webhook,
            "secret_token": secret,
            "allowed_updates": list(UPDATES),
            "drop_pending_updates": False,  # people have written them
        }
        telegram_result(await self._calls.post(f"{self._telegram}/bot{token}/setWebhook", body))
        return Connected(
            account=f"@{username}",
            settings={"bot_id": bot_id, "username": username},
            secrets={"token": token, "secret_token": secret},
            webhook_url=webhook,
        )

    async def _me(self, token: str) -> tuple[str, str]:
        me = telegram_result(await self._calls.post(f"{self._telegram}/bot{token}/getMe", {}))
        return me.id("id"), me.id("username")

    async def _number(self, phone_number_id: str, access_token: str) -> str:
        url = f"{self._whatsapp}/{phone_number_id}?fields=display_phone_number,verified_name"
        headers = {"Authorization": f"Bearer {access_token}"}
        found = whatsapp_result(await self._calls.get(url, headers=headers))
        return " ".join(part for part in (found.text("display_phone_number"), found.text("verified_name")) if part)

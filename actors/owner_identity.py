"""How an owner is known over a channel, and whether a message is an owner's. Pure.

Promises: whoever is not registered is a customer; where others read the answer (a group), the owner is answered as a
customer, too. The channel's adapter vouches for who wrote: only what it has verified may come here.

Held by tests/unit/actors/test_owner_identity.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from actors.inbound import InboundMessage
from runtime.errors import Invalid
from runtime.principal import Role

KINDS = ("whatsapp", "telegram", "email")

_BETWEEN_DIGITS = re.compile(r"[\s().\-/]+")
_PHONE = re.compile(r"[1-9][0-9]{6,14}")  # E.164, without its plus sign
_BUSINESS_SCOPED = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
_TELEGRAM = re.compile(r"[1-9][0-9]{0,15}")
_ADDRESS = re.compile(r"[^@\s<>\"(),:;]{1,64}@[^@\s<>\"(),:;]{1,250}")


def known_as(kind: str, identity: str) -> str:
    """``identity`` as it is kept and compared. Raises Invalid where it cannot be one of that ``kind``."""
    given = identity.strip()
    if kind == "whatsapp":
        phone = _BETWEEN_DIGITS.sub("", given).removeprefix("+")
        return (
            _fitting(_PHONE, phone)
            or _fitting(_BUSINESS_SCOPED, given)
            or _refuse(given, "Give the phone number with its country code, for example +49 170 0000001.")
        )
    if kind == "telegram":
        return _fitting(_TELEGRAM, given) or _refuse(given, "Give the number that Telegram knows the person by.")
    if kind == "email":
        return _fitting(_ADDRESS, given.casefold()) or _refuse(given, "Give an address such as ada@shop.example.")
    raise Invalid(f"There is no kind of owner {kind[:40]!r}.", do=f"Use one of {', '.join(KINDS)}.")


def role_of(message: InboundMessage, known: Mapping[str, Role]) -> Role:
    """``known``: the identities registered for the message's channel, and their roles."""
    if not message.private:
        return Role.CUSTOMER
    names = (message.sender.id, message.sender.phone, message.sender.id.casefold())
    return next((known[name] for name in names if name in known), Role.CUSTOMER)


def _fitting(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _refuse(identity: str, do: str) -> str:
    raise Invalid(f"{identity[:80]!r} cannot be an owner there.", do=do)

"""Which columns are kept back, by their names and types: pure.

Promises: what opens something (passwords, keys, tokens) or names a person to an authority or a bank is never read.
What is personal but a business's daily bread (an e-mail address, a telephone number) may be read by those who may read
the table, but no example of it is kept anywhere.

Held by tests/unit/actors/database/test_privacy.py.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Privacy(StrEnum):
    OPEN = "open"
    PRIVATE = "private"  # may be read; no examples
    HIDDEN = "hidden"  # does not exist for a statement


_HIDDEN = re.compile(
    r"(^|_)(passw(or)?d|passwd|passphrase|pwd|secret|token|api_?key|private_?key|credential|hash|salt|otp|totp|mfa|pin"
    r"|ssn|social_security|sin_number|aadhaar|aadhar|pan_?(no|number|card)|passport|national_id|tax_?(id|number)|iban"
    r"|account_?(no|number)|card_?(no|number)|credit_?card|cvv|cvc|security_(question|answer)|biometric|diagnosis)s?(_|$)",
)
_PRIVATE = re.compile(
    r"(^|_)(e_?mail|mail|phone|mobile|tel|telephone|fax|whatsapp|address|street|birth|birthday|dob|date_of_birth"
    r"|first_?name|last_?name|full_?name|surname|ip|ip_?address|latitude|longitude|salary|notes?|comments?|message"
    r"|remarks?|zip|postcode|postal_code)s?(_|$)",
)
_BINARY = re.compile(r"\b(blob|bytea|binary|varbinary|longblob|mediumblob|tinyblob|image|geometry|vector|tsvector)\b")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def privacy_of(column: str, type_: str) -> Privacy:
    """By the column's name in whatever style it is written, and its type as the database says it."""
    name = re.sub(r"\W+", "_", _CAMEL.sub("_", column)).lower()
    if _HIDDEN.search(name) or _BINARY.search(type_.lower()):
        return Privacy.HIDDEN
    return Privacy.PRIVATE if _PRIVATE.search(name) else Privacy.OPEN

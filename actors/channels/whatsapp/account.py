"""A business's number at the WhatsApp Cloud API: what its owner gave us, and what comes in from it (``ports.Inlet``).

Held by tests/unit/actors/channels/test_accounts.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actors.channels.whatsapp.parse import CHANNEL, parse
from actors.channels.whatsapp.verify import challenge, signed
from actors.channels.wire import read_object
from actors.inbound import Received


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppAccount:
    """``access_token`` sends, ``app_secret`` signs what comes in, ``verify_token`` is for the registration."""

    tenant: str
    channel_id: str
    phone_number_id: str
    access_token: str = field(repr=False)
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)

    kind = CHANNEL
    verified_by = "whatsapp-signature"

    def challenge(self, query: Mapping[str, str]) -> str | None:
        return challenge(query, self.verify_token)

    def genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return signed(body, headers.get("x-hub-signature-256", ""), self.app_secret)

    def read(self, body: bytes) -> Received:
        return parse(read_object(body), phone_number_id=self.phone_number_id)

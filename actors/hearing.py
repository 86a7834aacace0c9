"""A person's message, as a channel has read it, on its way to the session that answers it. Pure.

Held by tests/integration/api/test_api_webhooks.py and tests/integration/channels/test_mail.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from actors.inbound import InboundMessage
from actors.messages import Customer, Hear
from runtime.address import ActorId
from runtime.message import Envelope, Trace
from runtime.principal import Principal, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Where a message came in. ``verified_by`` is the provider's word for who wrote it; "": nobody vouches for it.
    ``held``: a person approves the answer before it is sent."""

    tenant: str
    channel_id: str
    verified_by: str
    held: bool = False

    def envelope(
        self, message: InboundMessage, *, trace: Trace, deadline: float, role: Role = Role.CUSTOMER
    ) -> Envelope:
        """The same message gives the same ids, however often it is told. ``role`` is that of a verified sender."""
        # As actors.api.naming.conversation_of has it.
        conversation = f"{message.channel}-{self.channel_id}:{message.conversation}"
        identity = f"{message.channel}:{message.sender.id}"
        digest = hashlib.sha256(f"{self.channel_id}\0{message.dedupe_key}".encode()).hexdigest()
        return Envelope(
            message_id=f"msg_{digest[:40]}",
            to=ActorId(self.tenant, "session", conversation),
            principal=Principal(
                tenant=self.tenant,
                role=role if self.verified_by else Role.ANONYMOUS,
                identity=identity,
                verified_by=self.verified_by or "nobody",
            ),
            body=Hear(
                text=message.text,
                conversation_id=conversation,
                channel=message.channel,
                channel_id=self.channel_id,
                content=message.content,
                customer=Customer(id=identity, name=message.sender.name),
                reply_to=message.reply_to,
                attachments=message.attachments,
                metadata=message.metadata,
                held=self.held,
            ),
            trace=trace,
            deadline=deadline,
            sender=conversation,
        )

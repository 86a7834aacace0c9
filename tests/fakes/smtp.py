"""A mail server that takes mail (SMTP, by aiosmtpd) over a real socket, and misbehaves on request.

``meets`` holds what the next mails meet: a reply that refuses them, or LOST (the mail arrives, the answer does not).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

LOST = "the answer is lost"
SOON_S = 20.0


@dataclass
class MailServer:
    """``arrived``: the mails, in order, each with whom it was for; ``keep`` puts them where sent mails are kept."""

    port: int = 0
    meets: list[str] = field(default_factory=list)
    arrived: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    keep: Callable[[bytes], None] | None = None
    _happened: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="mail.test", loop=loop, enable_SMTPUTF8=False), "127.0.0.1", 0
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def until(self, arrived: int) -> None:
        async with asyncio.timeout(SOON_S), self._happened:
            await self._happened.wait_for(lambda: len(self.arrived) >= arrived)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        step = self.meets.pop(0) if self.meets else ""
        if step and step != LOST:
            return step
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        if self.keep is not None:
            await asyncio.to_thread(self.keep, envelope.content)
        async with self._happened:
            self.arrived.append((list(envelope.rcpt_tos), message))
            self._happened.notify_all()
        if step == LOST and server.transport is not None:
            server.transport.abort()
        return "250 OK"

"""A mail house as a process of its own, to be killed: `python tests/mail_process.py FOLDER IMAP_PORT SMTP_PORT
ADDRESS`, with the sealing key of whoever started it in the environment."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from dovecot_server import DovecotServer
from fakes.smtp import MailServer
from mail_house import opened


async def main(folder: str, imap_port: str, smtp_port: str, address: str) -> None:
    imap, smtp = DovecotServer(Path("dovecot"), int(imap_port)), MailServer(int(smtp_port))
    async with opened(Path(folder), imap, smtp, address):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

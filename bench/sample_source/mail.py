"""A mail of the sample business before it is written as RFC 5322."""

from __future__ import annotations

from dataclasses import dataclass

from sample_source.trade import SHOP, SHOP_ADDRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. ``html`` makes it multipart/alternative; ``encoding`` is the transfer encoding of its text."""

    file: str
    date: str  # RFC 5322
    sender: str
    address: str
    subject: str
    text: str
    to: str = f"{SHOP} <{SHOP_ADDRESS}>"
    html: str = ""
    encoding: str = "7bit"
    reply_to: str = ""  # file of the mail that this one answers

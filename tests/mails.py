"""Mails that the tests write, as a mail server hands them on."""

from __future__ import annotations

AUTHSERV = "mx.shop.example"


def mail(text: str = "Do you ship abroad?", *, sender: str = "Ada <ada@people.example>", **headers: str) -> bytes:
    """``headers``: with underscores for hyphens; "" leaves one of these out."""
    given = {
        "Message-ID": "<one@people.example>",
        "From": sender,
        "To": "shop@shop.example",
        "Subject": "Shipping",
        "Date": "Thu, 05 Nov 2026 10:00:00 +0000",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{name}: {value}" for name, value in given.items() if value]
    return ("\r\n".join(lines) + "\r\n\r\n" + text.replace("\n", "\r\n")).encode()


def vouched(text: str = "Do you ship abroad?", *, sender: str = "Ada <ada@people.example>", **headers: str) -> bytes:
    """The receiving server says that the sender's domain has sent it."""
    domain = sender.rpartition("@")[2].strip(">")
    results = f"{AUTHSERV}; dmarc=pass (p=none) header.from={domain}"
    return f"Authentication-Results: {results}\r\n".encode() + mail(text, sender=sender, **headers)

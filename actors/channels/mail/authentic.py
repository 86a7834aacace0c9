"""Whether the receiving server vouches for who wrote a mail. Pure.

Promise: a From alone verifies nobody. Believed is only the topmost Authentication-Results of the server that the
mailbox's owner has named: a server that keeps to RFC 8601 (section 5) removes what others have written in its name.

RFC 8601 (the header), RFC 7489 3.1 (alignment).

Held by tests/unit/actors/channels/mail/test_authentic.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message

from actors.channels.mail.header import headers

_PAIR = re.compile(r"([A-Za-z0-9._-]+)\s*=\s*([^\s;=]+)")


def authentic(message: Message, sender: str, authserv_id: str) -> bool:
    """Whether ``authserv_id`` ("": nobody is believed) says by DMARC, DKIM or SPF that ``sender``'s domain has sent the
    mail. What DMARC has failed is not saved by the others."""
    results = next(_of_server(message, authserv_id), None)
    domain = sender.rpartition("@")[2]
    if results is None or not domain:
        return False
    dmarc = [method for method in results if method[0] == "dmarc"]
    if dmarc:
        return all(result == "pass" and told.get("header.from") == domain for _, result, told in dmarc)
    for method, result, told in results:
        signer = told.get("header.d") or told.get("header.i", "").rpartition("@")[2] if method == "dkim" else ""
        envelope = told.get("smtp.mailfrom", "").rpartition("@")[2] if method == "spf" else ""
        if result == "pass" and _aligned(signer or envelope, domain):
            return True
    return False


def _aligned(signed: str, domain: str) -> bool:
    """The domain itself or one that it belongs to; a subdomain does not speak for what is above it."""
    return "." in signed and (domain == signed or domain.endswith(f".{signed}"))


def _of_server(message: Message, authserv_id: str) -> Iterator[list[tuple[str, str, dict[str, str]]]]:
    """Method, result and properties of each result in the headers of that server."""
    for value in headers(message, "authentication-results"):
        server, *results = _plain(value).split(";")
        named = server.split()
        if not authserv_id or not named or named[0].lower() != authserv_id.lower():
            continue
        found = []
        for each in results:
            pairs = [(name.lower(), told.lower()) for name, told in _PAIR.findall(each)]
            if pairs:
                found.append((pairs[0][0], pairs[0][1], dict(pairs[1:])))
        yield found


def _plain(value: str) -> str:
    """Without comments, and with quoted strings as one word each; "" where either does not end."""
    told: list[str] = []
    depth, quoted, escaped = 0, False, False
    for each in value:
        if escaped:
            escaped = False
            each = "_"
        elif each == "\\":
            escaped = True
            continue
        elif each == '"' and not depth:
            quoted = not quoted
            continue
        elif not quoted and each in "()":
            depth = max(0, depth + (1 if each == "(" else -1))
            each = " "
        if not depth:
            told.append("_" if quoted and each in ' ;="' else each)
    return "" if depth or quoted else "".join(told)

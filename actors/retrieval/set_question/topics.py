"""The topics that mails to businesses are known to be about, and the words by which a question names them.

Owns words only. A topic that is not here still works: it is judged by its own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What a person does about a topic, and the letter of it in labels ("c:delivery").
INTENTS = {"complain": "c", "praise": "p", "ask": "q", "request": "r"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """``words`` name the topic in a question; ``intents`` are those that people have about it, by letter."""

    words: frozenset[str]
    intents: str = "cpq"


def _topic(words: str, intents: str = "cpq") -> Topic:
    return Topic(words=frozenset(words.split()), intents=intents)


TOPICS = {
    "delivery": _topic(
        "delivery deliver delivering delivered shipping ship shipment shipped dispatch courier carrier parcel package "
        "post postal driver arrival arrive transit logistics transport doorstep tracking late lateness delay delayed "
        "van depot"
    ),
    "quality": _topic(
        "quality defect defects defective fault faults faulty broken damage damages damaged workmanship durability "
        "product products malfunction broke breakage item items goods material"
    ),
    "service": _topic(
        "service staff support employee employees assistant assistants agent agents team helpline hotline colleague "
        "colleagues waiter waitress attitude rudeness rude behaviour behavior personnel helpdesk treatment salesperson"
    ),
    "billing": _topic(
        "billing bill bills invoice invoices payment payments charge charges charged debit debits overcharging "
        "overcharged voucher accounting"
    ),
    "price": _topic("price prices pricing cost costs expensive fee fees value"),
    "returns": _topic("returns return returning refunds refund reimbursement"),
    "refund": _topic("refund refunded money-back reimburse reimbursed", "qr"),
    "return": _topic("return returned", "r"),
    "exchange": _topic("exchange exchanged replacement replace swap swapped", "r"),
    "cancellation": _topic("cancel cancelled canceled cancellation cancelling canceling", "r"),
    "invoice": _topic("invoice invoices bill bills receipt", "r"),
    "quote": _topic("quote quotes quotation offer estimate", "r"),
    "packaging": _topic("packaging packing wrapping wrapped wrap plastic"),
    "website": _topic("website site app online checkout login page webshop portal homepage"),
    "size": _topic("size sizes sizing fit fitting"),
    "cleanliness": _topic("cleanliness hygiene dirt dirty cleaning clean"),
    "noise": _topic("noise noisy loud loudness"),
    "booking": _topic("booking reservation appointment appointments reservations bookings schedule scheduling", "cpqr"),
    "food": _topic("food meal meals dish dishes menu taste kitchen"),
    "availability": _topic("availability stock sold-out unavailable"),
}


def known_topics(words: str, intent: str = "") -> tuple[str, ...]:
    """The topics that these words name ("late parcels" is delivery); none where no word does.

    Of several, those that people have this intent about: one complains about "returns" and requests a "return".
    """
    told = words.split()
    if told and all(word in TOPICS for word in told) and len(told) > 1:
        return tuple(told)
    stems = {stem(word) for word in re.findall(r"[a-z-]+", words.casefold())}
    hits = {name: len(stems & {stem(w) for w in known.words}) for name, known in TOPICS.items()}
    letter = INTENTS.get(intent, "")
    fitting = {name: n for name, n in hits.items() if n and letter in TOPICS[name].intents}
    hits = fitting or hits
    most = max(hits.values(), default=0)
    return tuple(name for name, count in hits.items() if count == most) if most else ()


def stem(word: str) -> str:
    """A word without its plural, good enough to compare topic words."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word

"""Who has a conversation: the assistant, a person of the business, or nobody since it was closed. Pure.

While a person has it the assistant hears everything and says nothing. Only a call hands it back; time does not, for a
customer who was promised a person would be answered by a machine.

Held by tests/unit/actors/test_holder.py.
"""

from __future__ import annotations

from enum import StrEnum


class Holder(StrEnum):
    ASSISTANT = "assistant"
    HUMAN = "human"
    CLOSED = "closed"


def when_customer_writes(holder: Holder) -> Holder:
    """A closed conversation is opened again, and is the assistant's."""
    return Holder.ASSISTANT if holder is Holder.CLOSED else holder


def when_person_writes(holder: Holder) -> Holder:
    """Whoever of the business answers has taken the conversation over; a last word does not open a closed one."""
    return Holder.CLOSED if holder is Holder.CLOSED else Holder.HUMAN

"""Messages that ask nothing: greetings and thanks. Pure; whole messages only, so that no question is mistaken."""

from __future__ import annotations

import re

_OPENING = re.compile(
    r"(?:hi+|hello|hey+|hiya|howdy|greetings|namaste|good (?:morning|afternoon|evening|day))"
    r"(?: (?:there|all|everyone|team|again))?",
)
_THANKS = re.compile(r"(?:ok(?:ay)? )?(?:many )?(?:thanks|thank you|thx|cheers)(?: (?:a lot|so much|very much|again))?")
_BARE = re.compile(r"[^\w\s]|_")


def courtesy(message: str) -> str | None:
    """What to say to a message that is nothing but a greeting or thanks; None for everything else."""
    said = " ".join(_BARE.sub(" ", message.casefold()).split())
    if _OPENING.fullmatch(said):
        return "Hello! What would you like to know?"
    if _THANKS.fullmatch(said):
        return "You are welcome. Is there anything else you would like to know?"
    return None

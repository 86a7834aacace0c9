"""What one upload may take together with all that is packed or attached in it.

Held by tests/unit/actors/ingest/test_attachments.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.errors import Terminal

MAX_INFLATED = 256 * 1024**2  # bytes of all members of all archives together; half of what a reader may take
MAX_TEXT = 20_000_000  # characters; a bomb of any format ends here
MAX_ATTACHMENTS = 200
MAX_DEPTH = 3  # a mail in a mail in a mail


def too_long() -> Terminal:
    return Terminal(f"The file holds more than {MAX_TEXT:,} characters.", do="Split it into smaller files.")


@dataclass(slots=True, kw_only=True)
class Allowance:
    """What is left. One object goes through all readers of an upload, which take from it."""

    inflated: int = MAX_INFLATED
    attachments: int = MAX_ATTACHMENTS
    depth: int = MAX_DEPTH

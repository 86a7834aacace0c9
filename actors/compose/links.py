"""Links and images in what a language model writes. Pure.

Promises: an address that none of the sources has is taken out, its label stays; an image goes altogether. So nothing
that a model was talked into can make a reader's browser send something somewhere.

Held by tests/unit/actors/compose/test_links.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
_TAG = re.compile(r"</?[a-z][^>]*>?", re.IGNORECASE)
_ADDRESS = re.compile(
    r"<?\b(?:[a-z][a-z0-9+.-]*://|www\.|(?:javascript|data|mailto):)[^\s<>\"')\]]+>?"
    r"|\b[\w-]+(?:\.[\w-]+)+/[^\s<>\"')\]]*",
    re.IGNORECASE,
)
_EDGES = "<>.,;:!?"


def without_foreign_links(text: str, sources: Sequence[str]) -> str:
    """``text`` with only those addresses that stand whole in one of ``sources``; of a link, its label is kept."""
    known = {address for source in sources for address in addresses(source)}
    told = _IMAGE.sub("", text)
    told = _LINK.sub(lambda link: link[2] if link[2].strip(_EDGES) in known else _label(link[1]), told)
    for pattern in (_TAG, _ADDRESS):
        told = pattern.sub(lambda found: found.group() if found.group().strip(_EDGES) in known else "", told)
    return re.sub(r"[ \t]{2,}", " ", re.sub(r"\(\s*\)", "", told))


def addresses(text: str) -> list[str]:
    """Every address in ``text``, those behind links included."""
    return [found.group().strip(_EDGES) for found in _ADDRESS.finditer(text)]


def _label(label: str) -> str:
    return f"[{label}]" if label.strip().isdigit() else label  # a citation's mark stays one

"""What of a question is sent to the keyword index. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
MAX_QUERY_CHARS = 2_000


def keyword_query(question: str) -> str:
    """The question, with neighbouring capitalised words also joined.

    A name that texts write as one word ("LiHua", "PowerPoint") and a question as two is one token to the index and
    would never meet it; a joined word that no text holds costs nothing in BM25.
    """
    joined = [
        one + other
        for one, other in pairwise(_WORD.findall(question))
        if one[0].isupper() and other[0].isupper() and one.isalpha() and other.isalpha()
    ]
    return " ".join([question, *dict.fromkeys(joined)])[:MAX_QUERY_CHARS]

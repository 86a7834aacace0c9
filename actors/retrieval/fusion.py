"""Merging ranked lists: reciprocal rank fusion, spreading over documents, near-duplicate removal. Pure.

Ranks are fused, never scores: cosine, BM25 and graph mass have no common scale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# Cormack, Clarke & Büttcher ("Reciprocal Rank Fusion", SIGIR 2009) take 60, for dozens of pooled systems. With three
# lists of which one alone is often right, a small constant lets a first place count; measured by bench/retrieval.py.
RRF_CONSTANT = 5.0
SAME_DOCUMENT = 0.7  # each further chunk of one document counts this much of the one before it

_WORD = re.compile(r"\w+")


def reciprocal_rank_fusion(
    rankings: Mapping[str, Sequence[str]],
    weights: Mapping[str, float] | None = None,
    *,
    constant: float = RRF_CONSTANT,
) -> dict[str, float]:
    """Score every key by the sum over its rankings of ``weight / (constant + rank)``, best first.

    Ties keep the order in which the keys were first seen, so that the same input always gives the same output.
    """
    scores: dict[str, float] = {}
    for name, ranking in rankings.items():
        weight = 1.0 if weights is None else weights.get(name, 1.0)
        if weight <= 0.0:
            continue
        for rank, key in enumerate(dict.fromkeys(ranking), start=1):
            scores[key] = scores.get(key, 0.0) + weight / (constant + rank)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def spread(
    scores: Mapping[str, float], document_of: Mapping[str, str], factor: float = SAME_DOCUMENT
) -> dict[str, float]:
    """``scores`` with a document's second chunk at ``factor``, its third at ``factor``², …, best first.

    One long document would otherwise fill all places with its overlapping chunks.
    """
    seen: dict[str, int] = {}
    weighed: dict[str, float] = {}
    for key in sorted(scores, key=lambda key: -scores[key]):
        before = seen.get(document_of[key], 0)
        seen[document_of[key]] = before + 1
        weighed[key] = scores[key] * factor**before
    return dict(sorted(weighed.items(), key=lambda item: -item[1]))


def without_near_duplicates(
    keys: Sequence[str], texts: Mapping[str, str], *, threshold: float = 0.9, limit: int = 40
) -> list[str]:
    """``keys`` less those whose words are, by Jaccard ≥ ``threshold``, those of a better one.

    Only the first ``limit`` keys are compared with each other; the rest follow as they are.
    """
    kept: list[str] = []
    seen: list[frozenset[str]] = []
    for key in keys[:limit]:
        words = frozenset(_WORD.findall(texts[key].casefold()))
        if any(_jaccard(words, other) >= threshold for other in seen):
            continue
        kept.append(key)
        seen.append(words)
    return kept + list(keys[limit:])


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 1.0

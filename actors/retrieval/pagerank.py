"""Personalised PageRank over a small weighted graph. Pure; bounded by its input.

Formula: p = (1 - d) s + d W p, where s are the seeds' shares and W the column-normalised weights (Haveliwala,
"Topic-sensitive PageRank", WWW 2002); mass that reaches a node without edges goes back to the seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

DAMPING = 0.5  # HippoRAG (arXiv 2405.14831): short walks, because evidence is near the question's entities
_ITERATIONS = 50
_TOLERANCE = 1e-9


def personalised_pagerank(
    edges: Sequence[tuple[str, str, float]], seeds: Mapping[str, float], *, damping: float = DAMPING
) -> dict[str, float]:
    """The mass of every node, summing to 1. ``edges`` are undirected (node, node, weight > 0).

    Seeds without edges keep their share. Empty when no seed has a positive share.
    """
    total = sum(share for share in seeds.values() if share > 0)
    if total <= 0:
        return {}
    if not edges:
        return {node: max(share, 0.0) / total for node, share in seeds.items()}
    index: dict[str, int] = {}
    for node in seeds:
        index.setdefault(node, len(index))
    for one, other, _ in edges:
        index.setdefault(one, len(index))
        index.setdefault(other, len(index))
    size = len(index)
    start = np.zeros(size)
    for node, share in seeds.items():
        start[index[node]] = max(share, 0.0) / total
    mass = _iterate(_arrays(edges, index), start, size, damping)
    return {node: float(mass[at]) for node, at in index.items()}


def _arrays(
    edges: Sequence[tuple[str, str, float]], index: Mapping[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    one = np.fromiter((index[a] for a, _, _ in edges), dtype=np.int64, count=len(edges))
    other = np.fromiter((index[b] for _, b, _ in edges), dtype=np.int64, count=len(edges))
    weight = np.fromiter((w for _, _, w in edges), dtype=np.float64, count=len(edges))
    return np.concatenate([one, other]), np.concatenate([other, one]), np.concatenate([weight, weight])


def _iterate(
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray], start: np.ndarray, size: int, damping: float
) -> np.ndarray:
    source, target, weight = arrays
    degree = np.bincount(source, weights=weight, minlength=size)
    share = weight / degree[source]
    loose = degree == 0
    mass = start.copy()
    for _ in range(_ITERATIONS):
        flow = np.bincount(target, weights=mass[source] * share, minlength=size)
        flow += start * mass[loose].sum()
        after = (1.0 - damping) * start + damping * flow
        if float(np.abs(after - mass).sum()) < _TOLERANCE:
            return after
        mass = after
    return mass

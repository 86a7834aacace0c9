"""How the journal commits, in numbers: seconds per group commit and how many works each held.

Held by tests/unit/runtime/test_cell_figures.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30)
_WORKS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class CommitFigures:
    """Written by the journal's thread, read by any."""

    def __init__(self) -> None:
        self._seconds = Histogram("commit_seconds", "Seconds per group commit", registry=None, buckets=_SECONDS)
        self._works = Histogram("commit_works", "Works per group commit", registry=None, buckets=_WORKS)

    def committed(self, works: int, seconds: float) -> None:
        self._seconds.observe(seconds)
        self._works.observe(works)

    def numbers(self) -> Mapping[str, object]:
        """``seconds`` and ``works``, each {"buckets": [[upper bound, how many up to it], …], "sum": number}."""
        return {"seconds": _numbers(self._seconds), "works": _numbers(self._works)}


def _numbers(histogram: Histogram) -> Mapping[str, object]:
    [family] = histogram.collect()
    buckets = [[sample.labels["le"], sample.value] for sample in family.samples if sample.name.endswith("_bucket")]
    total = next(sample.value for sample in family.samples if sample.name.endswith("_sum"))
    return {"buckets": buckets, "sum": total}

"""Round trips as figures: rates by processor time and by the clock, and percentiles in microseconds."""

from __future__ import annotations

from collections.abc import Sequence


def figures(took: Sequence[Sequence[float]], *, cpu_s: float, wall_s: float) -> dict[str, float]:
    """``took``: each asker's round trips in seconds."""
    trips = sorted(trip for trips in took for trip in trips)
    return {
        "per_core": len(trips) / cpu_s,
        "per_second": len(trips) / wall_s,
        "p50_us": 1e6 * trips[len(trips) // 2],
        "p99_us": 1e6 * trips[int(len(trips) * 0.99)],
    }

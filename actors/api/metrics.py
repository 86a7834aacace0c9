"""Counters of the door in Prometheus' text format, in a registry of their own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Requests by route and status, their duration in seconds, and the streams open now."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "ragleap_http_requests", "Requests answered", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "ragleap_http_request_seconds",
            "Seconds from a request's head to its answer's end",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.webhooks = Counter(
            "ragleap_webhook_messages",
            "Messages and statuses in webhooks, and webhooks refused",
            ("kind", "outcome"),
            registry=self._registry,
        )
        self.streams = Gauge("ragleap_http_streams", "Event streams open now", registry=self._registry)

    def observe(self, *, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)

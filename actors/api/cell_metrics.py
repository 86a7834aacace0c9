"""The cells' figures as Prometheus metrics: what each cell tells of itself, and what waits in the journal.

Asked anew at each scrape. Labels are the cell, the kind of actor and the tier; a tenant is named only where it is
quarantined, and of those a few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from runtime.store.figures import Figures

NAMED = 20  # quarantined tenants of a cell that are named

_BY_KIND = {
    "actors": "Actors in memory",
    "waiting": "Messages that wait in mailboxes",
    "running": "Turns that run",
}
_COUNTS = {
    "activations": "Actors that woke",
    "passivations": "Actors that were put to sleep",
    "turns": "Turns that were done",
    "failures": "Turns that ended with an error",
    "crashes": "Turns that crashed; their actors were made anew",
    "retries": "Durable messages that were put back for another try",
    "dead_letters": "Durable messages that were given up",
}
_NUMBERS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], float]]] = {
    "tenants": ("Tenants whose lease the cell holds", lambda cell: len(cell["tenants"])),
    "tenants_quarantined": ("Tenants that failed too often to be started again", lambda cell: len(cell["quarantined"])),
    "turns_waiting": ("Actors that wait for their tenant's fair share of turns", lambda cell: cell["turns_waiting"]),
    "event_readers": ("Readers of answers that are being made", lambda cell: cell["watching"]),
    "journal_waiting": ("Writes that wait for a group commit", lambda cell: cell["journal"]["waiting"]),
}
_JOURNAL = {
    "seconds": ("ragleap_journal_commit_seconds", "Seconds per group commit"),
    "works": ("ragleap_journal_commit_works", "Works per group commit"),
}


def text(cells: Mapping[str, Mapping[str, Any]], figures: Figures | None) -> bytes:
    """Exposition of the cells' replies (name → status, or its ``error``) and of the journal's figures, where they
    could be read."""
    registry = CollectorRegistry()
    registry.register(_Told(cells, figures))
    return generate_latest(registry)


class _Told(Collector):
    """What was told, as metric families."""

    def __init__(self, cells: Mapping[str, Mapping[str, Any]], figures: Figures | None) -> None:
        self._all = cells
        self._cells = {name: told for name, told in cells.items() if "error" not in told}
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("ragleap_cell_up", "Whether the cell answers", labels=("cell",))
        for name in self._all:
            up.add_metric((name,), name in self._cells)
        yield up
        yield from self._by_kind()
        yield from self._plain()
        yield from self._memory()
        yield from self._commits()
        yield from self._journal()

    def _by_kind(self) -> Iterator[Metric]:
        for what, told in _BY_KIND.items():
            gauge = GaugeMetricFamily(f"ragleap_{_name(what)}", told, labels=("cell", "kind"))
            for cell, status in self._cells.items():
                for kind, number in status["kinds"].get(what, {}).items():
                    gauge.add_metric((cell, kind), number)
            yield gauge
        for what, told in _COUNTS.items():
            counter = CounterMetricFamily(f"ragleap_{what}", told, labels=("cell", "kind"))
            for cell, status in self._cells.items():
                for kind, number in status["counts"].get(what, {}).items():
                    counter.add_metric((cell, kind), number)
            yield counter

    def _plain(self) -> Iterator[Metric]:
        for what, (told, read) in _NUMBERS.items():
            gauge = GaugeMetricFamily(f"ragleap_{what}", told, labels=("cell",))
            for cell, status in self._cells.items():
                gauge.add_metric((cell,), read(status))
            yield gauge
        restarts = CounterMetricFamily("ragleap_tenant_restarts", "Tenants begun anew after failing", labels=("cell",))
        epochs = GaugeMetricFamily("ragleap_lease_epoch_max", "The highest epoch among the leases", labels=("cell",))
        named = GaugeMetricFamily("ragleap_tenant_quarantined", f"At most {NAMED} by name", labels=("cell", "tenant"))
        for cell, status in self._cells.items():
            restarts.add_metric((cell,), status["tenant_restarts"])
            epochs.add_metric((cell,), max((tenant["epoch"] for tenant in status["tenants"]), default=0))
            for tenant in sorted(status["quarantined"])[:NAMED]:
                named.add_metric((cell, tenant), 1)
        yield from (restarts, epochs, named)

    def _memory(self) -> Iterator[Metric]:
        bytes_ = GaugeMetricFamily(
            "ragleap_memory_bytes", "The cell's own (RSS), and what is available around it", labels=("cell", "of")
        )
        refused = CounterMetricFamily("ragleap_refused", "Messages refused for want of memory", labels=("cell", "tier"))
        for cell, status in self._cells.items():
            memory = status["memory"]
            for of in ("own", "available", "total"):
                if f"{of}_bytes" in memory:
                    bytes_.add_metric((cell, of), memory[f"{of}_bytes"])
            for tier, number in memory.get("refused", {}).items():
                refused.add_metric((cell, tier), number)
        yield from (bytes_, refused)

    def _commits(self) -> Iterator[Metric]:
        for what, (name, told) in _JOURNAL.items():
            histogram = HistogramMetricFamily(name, told, labels=("cell",))
            for cell, status in self._cells.items():
                numbers = status["journal"][what]
                histogram.add_metric((cell,), [tuple(each) for each in numbers["buckets"]], numbers["sum"])
            yield histogram

    def _journal(self) -> Iterator[Metric]:
        readable = GaugeMetricFamily("ragleap_journal_readable", "Whether the journal could be read", value=0)
        if self._figures is None:
            yield readable
            return
        readable = GaugeMetricFamily("ragleap_journal_readable", "Whether the journal could be read", value=1)
        pending = GaugeMetricFamily("ragleap_inbox_pending", "Accepted messages that are not done", labels=("kind",))
        for kind, number in self._figures.pending.items():
            pending.add_metric((kind,), number)
        yield from (readable, pending)
        for name, told, value in (
            ("inbox_oldest_seconds", "Since the oldest of those was accepted", self._figures.oldest_pending_s),
            ("dead_letters_waiting", "Dead letters that nobody has replayed", self._figures.dead_letters),
            ("reminders_due", "Reminders whose time has come", self._figures.reminders_due),
        ):
            yield GaugeMetricFamily(f"ragleap_{name}", told, value=value)


def _name(what: str) -> str:
    return {"waiting": "mailbox_waiting", "running": "turns_running"}.get(what, what)

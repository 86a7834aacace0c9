"""The runtime's bounds, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Counts and seconds that a cell keeps to."""

    mailbox_capacity: int = 1_000
    tenant_capacity: int = 5_000  # what may wait in all mailboxes of a tenant
    read_only_concurrency: int = 8
    own_turns: int = 8  # that a tenant may always run
    shared_turns: int = 64  # that run beyond those, in the whole cell
    actor_restarts: int = 5
    tenant_restarts: int = 3
    cell_quarantines: int = 3
    restart_window_s: float = 60.0  # of an actor; ten times as long for a tenant and a cell
    journal_silence_s: float = 60.0  # without an answer of the journal, then the cell's process is given up
    cell_life_s: float = 60.0  # how long a cell's process lives at least before it gives itself up
    lease_ttl_s: float = 15.0
    tick_s: float = 1.0
    drain_s: float = 20.0
    subscription_s: float = 20.0
    replay_ttl_s: float = 900.0  # how long a replayed dead letter may wait for its turn
    message_retention_s: float = 7 * 86_400.0
    dead_letter_retention_s: float = 30 * 86_400.0
    prune_every_s: float = 3_600.0
    prune_rows: int = 200  # of a table, in one pass
    sends: int = 32  # calls at once to a tenant's channels

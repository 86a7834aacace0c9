"""Dead letters as an operator or a tenant's owner sees them: what could not be handled, why, and once more.

Promises: a replayed message has its turn under its own id, so it can have one effect at most, however often it is
replayed and whatever became of it meanwhile; it starts from its first try with a fresh deadline. Nothing secret is
shown: fields that are named like secrets are left out, whatever is in them.

Held by tests/unit/runtime/test_dead_letters.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import Connection

from runtime.clock import iso
from runtime.errors import Invalid, NotFound
from runtime.journal import Journal
from runtime.store import dead_letters, tenants
from runtime.store.dead_letters import DeadLetterRow
from runtime.store.wall import ACROSS_TENANTS

MAX_LISTED = 200
HIDDEN = "(hidden)"
_SECRET = re.compile(r"secret|passw|token|api_?key|authorization|credential|signature|cookie", re.IGNORECASE)


class DeadLetters:
    """``replay(tenant, message_id)`` runs in the cell that holds the tenant; a tenant is given by its id or name, or as
    "" for all of them (which only an operator may)."""

    def __init__(self, journal: Journal, replay: Callable[[str, str], Awaitable[bool]]) -> None:
        self._journal = journal
        self._replay = replay

    async def list(self, tenant: str, *, limit: int = 50, before: int = 0) -> Mapping[str, object]:
        """The newest first; ``next`` is the ``before`` of the next page, where there is one."""
        if not 0 < limit <= MAX_LISTED:
            raise Invalid(f"limit must be 1 to {MAX_LISTED}.")
        known = await self._known(tenant)
        rows = await self._journal.read(
            lambda connection: dead_letters.newest(connection, known, limit=limit, before_seq=before),
            tenant=known or ACROSS_TENANTS,
        )
        following = rows[-1].seq if len(rows) == limit else None
        return {"dead_letters": [told(row) for row in rows], "next": following}

    async def show(self, tenant: str, message_id: str) -> Mapping[str, object]:
        """One letter with its message. Raises NotFound."""
        return whole(await self._one(tenant, message_id))

    async def replay(self, tenant: str, message_id: str) -> Mapping[str, object]:
        """Have the message handled again; ``replayed`` is False where it is on its way or done already."""
        row = await self._one(tenant, message_id)
        replayed = await self._replay(row.tenant, message_id)
        return {"tenant": row.tenant, "id": message_id, "replayed": replayed}

    async def _one(self, tenant: str, message_id: str) -> DeadLetterRow:
        known = await self._known(tenant)
        rows = await self._journal.read(
            lambda connection: dead_letters.named(connection, known, message_id), tenant=known or ACROSS_TENANTS
        )
        if not rows:
            raise NotFound(
                f"There is no dead letter {message_id[:80]!r}.", do="`ragleap dead-letters list` shows them."
            )
        if len(rows) > 1:
            owners = ", ".join(row.tenant for row in rows)
            raise Invalid(f"Several tenants have a message of that id ({owners}).", do="Name the tenant.")
        return rows[0]

    async def _known(self, tenant: str) -> str | None:
        if not tenant:
            return None

        def require(connection: Connection) -> str:
            return tenants.require(connection, tenant).tenant

        return await self._journal.read(require, tenant=ACROSS_TENANTS)


def told(row: DeadLetterRow) -> dict[str, object]:
    """A letter in a list."""
    return {
        "id": row.message_id,
        "tenant": row.tenant,
        "actor": f"{row.kind}/{row.actor_key}",
        "kind": row.kind,
        "cause": row.cause,
        "attempts": row.attempts,
        "maybe_duplicate": row.maybe_duplicate,
        "trace_id": _json(row.trace).get("trace_id", ""),
        "at": iso(row.created_at),
        "replayed_at": None if row.replayed_at is None else iso(row.replayed_at),
    }


def whole(row: DeadLetterRow) -> dict[str, object]:
    """A letter with its message, as far as that is kept and readable."""
    principal = _json(row.principal)
    return {
        **told(row),
        "sender": row.sender,
        "accepted_at": None if row.accepted_at is None else iso(row.accepted_at),
        "role": principal.get("role", ""),
        "verified_by": principal.get("verified_by", ""),
        "body": _body(row.body),
    }


def redacted(value: object) -> object:
    """``value`` without what its name says is secret."""
    if isinstance(value, dict):
        return {name: HIDDEN if _SECRET.search(str(name)) else redacted(inner) for name, inner in value.items()}
    return [redacted(inner) for inner in value] if isinstance(value, list) else value


def _body(text: str) -> object:
    """{"type": …, "fields": …} of the codec's JSON; None where the message is not kept or not readable."""
    try:
        name, fields = json.loads(text)
    except (ValueError, TypeError):
        return None
    return {"type": name, "fields": redacted(fields)}


def _json(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

"""Tenants and their keys: made, listed, checked, and erased without a trace.

A key is 256 random bits, shown once and stored as its SHA-256 (a slow hash protects guessable secrets; these are not).
Where the caller sends an Idempotency-Key, those bits are an HMAC of it under the installation's secret: a repeat makes
the same key again and finds by its hash what it opened, so that nothing has to be kept in clear to answer as before.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog
from sqlalchemy import Connection

from actors.ports import Blobs, GraphStore, VectorStore
from runtime.clock import Clock, iso
from runtime.errors import Conflict, Invalid, Moved, NotFound
from runtime.ids import new_id
from runtime.joined import Joined
from runtime.journal import Journal
from runtime.principal import Principal, Role
from runtime.store import tenants
from runtime.store.tenants import KeyRow
from runtime.store.wall import ACROSS_TENANTS

KEY_PREFIX = "rlk_"
_MAX_NAME = 200
_MIN_SECRET_BYTES = 16

log = structlog.get_logger(__name__)


class Tenancy:
    """The cell's side: everything that writes. ``require_served`` raises Moved for another cell's tenant, which only
    that cell may delete: it holds the actors."""

    def __init__(
        self,
        journal: Journal,
        *,
        clock: Clock,
        secret: bytes,
        drop_actors: Callable[[str], Awaitable[None]],
        require_served: Callable[[str], None],
        vectors_for: Callable[[str], VectorStore],
        graph_for: Callable[[str], GraphStore],
        blobs_for: Callable[[str], Blobs],
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._secret = secret
        self._drop_actors = drop_actors
        self._require_served = require_served
        self._vectors_for = vectors_for
        self._graph_for = graph_for
        self._blobs_for = blobs_for

    async def create(self, name: str, *, idempotency_key: str = "") -> Mapping[str, object]:
        """A new tenant: its id, its API key (told only here) and its public embed key. Raises Conflict, Invalid.

        The same ``idempotency_key`` again answers the same; after the tenant's deletion it makes a new one.
        """
        if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
            raise Invalid("A tenant's name must be 1 to 200 printable characters.")
        tenant, embed_key = new_tenant_id(name), f"emb_{secrets.token_hex(12)}"
        key, now = self._key("tenant", idempotency_key), self._clock.now()

        def apply(connection: Connection) -> KeyRow | None:
            before = _made_before(connection, key)
            if before is None:
                tenants.create(connection, tenant, name, embed_key, now)
                tenants.add_key(connection, tenant, new_id("key", now=now), hashed(key), "first key", now, None)
            elif before.name != name:
                raise Conflict("This Idempotency-Key was used for another tenant.", do="Use a new key for a new one.")
            return before

        before = await self._journal.write(apply, tenant=ACROSS_TENANTS)
        if before is not None:
            tenant, embed_key, now = before.tenant, before.embed_key, before.tenant_created_at
        else:
            log.info("tenant.created", tenant=tenant)
        return {"tenant": tenant, "name": name, "key": key, "embed_key": embed_key, "created_at": iso(now)}

    async def every(self) -> Mapping[str, object]:
        rows = await self._journal.read(tenants.every, tenant=ACROSS_TENANTS)
        return {
            "tenants": [
                {
                    "tenant": row.tenant,
                    "name": row.name,
                    "embed_key": row.embed_key,
                    "documents": row.documents,
                    "created_at": iso(row.created_at),
                }
                for row in rows
            ]
        }

    async def mint(self, tenant: str, ttl_s: float, *, idempotency_key: str = "") -> Mapping[str, object]:
        """One more API key of ``tenant`` (id or name), which ends by itself after ``ttl_s`` seconds.

        The same ``idempotency_key`` again answers the same while that key lives; then it raises Conflict or, once it
        is forgotten, makes it anew.
        """
        now = self._clock.now()

        def apply(connection: Connection) -> tuple[str, str, float]:
            row = tenants.require(connection, tenant)
            key = self._key(f"key of {row.tenant}", idempotency_key)
            before = _made_before(connection, key)
            if before is None:
                key_id = new_id("key", now=now)
                label = "minted by the operator"
                tenants.add_key(connection, row.tenant, key_id, hashed(key), label, now, now + ttl_s)
                return row.tenant, key, now + ttl_s
            ends = before.expires_at or now
            if ends <= now or abs(ends - before.created_at - ttl_s) > 1e-3:
                raise Conflict(
                    "This Idempotency-Key was used for a key that has ended, or that lives for another time.",
                    do="Use a new one for a new key.",
                )
            return row.tenant, key, ends

        found, key, ends = await self._journal.write(apply, tenant=ACROSS_TENANTS)
        return {"tenant": found, "key": key, "expires_at": iso(ends)}

    async def delete(self, tenant: str) -> Mapping[str, object]:
        """Erase the tenant from every store; says how much was removed where. Safe to repeat after a crash."""
        known = await self._journal.read(lambda connection: _known(connection, tenant), tenant=ACROSS_TENANTS)
        self._require_served(known)
        await self._journal.write(partial(tenants.mark_deleting, tenant=known), tenant=known)
        return await self._erase(known)

    async def finish_deletions(self) -> None:
        """Go on with what a crash interrupted."""
        for tenant in await self._journal.read(tenants.deleting, tenant=ACROSS_TENANTS):
            with contextlib.suppress(Moved):
                self._require_served(tenant)
                await self._erase(tenant)

    def _key(self, purpose: str, idempotency_key: str) -> str:
        """A new API key, or the one that belongs to ``idempotency_key``."""
        if not idempotency_key:
            return new_key()
        if len(self._secret) < _MIN_SECRET_BYTES:  # a key that anybody could make
            raise Invalid("This installation has no secret.", do="Leave the Idempotency-Key out.")
        told = f"ragleap/{purpose}/1\0{idempotency_key}".encode()
        digest = hmac.new(self._secret, told, hashlib.sha256).digest()
        return KEY_PREFIX + urlsafe_b64encode(digest).rstrip(b"=").decode()

    async def _erase(self, tenant: str) -> Mapping[str, object]:
        await self._drop_actors(tenant)
        vectors = await self._vectors_for(tenant).drop()
        entities, relations = await self._graph_for(tenant).drop()
        blobs = await self._blobs_for(tenant).delete("")
        rows = await self._journal.write(partial(tenants.erase, tenant=tenant), tenant=tenant)
        log.info("tenant.deleted", tenant=tenant)
        removed = {"vectors": vectors, "entities": entities, "relations": relations, "blobs": blobs, "rows": rows}
        return {"tenant": tenant, "removed": removed}


class Credentials:
    """The door's side: who a key belongs to. Reads only."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._principals = Joined(self._principal)

    async def principal(self, key: str) -> Principal | None:
        """The owner whose key this is, or None."""
        if not key.startswith(KEY_PREFIX):
            return None
        return await self._principals.get(hashed(key))

    async def _principal(self, digest: str) -> Principal | None:
        now = self._clock.now()
        found = await self._journal.read(
            lambda connection: tenants.by_key(connection, digest, now), tenant=ACROSS_TENANTS
        )
        if found is None:
            return None
        tenant, key_id = found
        return Principal(tenant=tenant, role=Role.OWNER, identity=key_id, verified_by="api-key")

    async def embedded(self, embed_key: str) -> str | None:
        """The tenant whose chat page this embed key opens, or None."""
        return await self._journal.read(
            lambda connection: tenants.by_embed_key(connection, embed_key), tenant=ACROSS_TENANTS
        )


def _made_before(connection: Connection, key: str) -> KeyRow | None:
    """What was made with ``key`` (only a repeat can find any). Raises Conflict where it is on its way out."""
    found = tenants.key_row(connection, hashed(key))
    if found is not None and not found.usable:
        raise Conflict(
            "What this Idempotency-Key made is revoked or being deleted.", do="Use a new one, or try again later."
        )
    return found


def new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def new_tenant_id(name: str) -> str:
    """A readable id that is never reused: the name's letters and some randomness."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:24].strip("_")
    return f"{slug if slug[:1].isalpha() else 't'}_{secrets.token_hex(4)}"


def _known(connection: Connection, tenant: str) -> str:
    try:
        return tenants.require(connection, tenant).tenant
    except NotFound:
        if tenant in tenants.deleting(connection):
            return tenant
        raise

"""The knowledge graph over Bolt: one tenant's entities, relations and their supports.

The same statements run on ArcadeDB (embedded) and Neo4j 5. Writes are idempotent and come in batches; a removal runs
in transactions of a bounded number of chunks, each of which leaves the graph as if those chunks had never been put.
Vendor exceptions end here: Retryable where the server may answer later, Terminal where it never will.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from itertools import chain, count
from typing import Any, Final, TypeVar

import neo4j
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConstraintError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from actors.ports import DocumentScope, Filed, GraphEntity, GraphRelation, Hop, Support
from actors.stores import graph_rows as rows
from actors.stores import graph_statements as cypher
from runtime.address import check_tenant
from runtime.errors import DeadlineExceeded, RagleapError, Retryable, Terminal, Unavailable
from runtime.telemetry import span

_T = TypeVar("_T")
_READ_S: Final = 10.0
_WRITE_S: Final = 60.0
_DOWN_S: Final = 4.0  # how long a server that restarts is waited for, within the deadline of a read
_CONFLICT_S: Final = 30.0
_ROWS_A_WRITE: Final = 1_000
_IDS_A_READ: Final = 1_000
_CHUNKS_A_REMOVAL: Final = 50
_NODES_A_DROP: Final = 500
_LARGEST_ANSWER: Final = 100_000

Transaction = neo4j.AsyncManagedTransaction


class Bolt:
    """The connection to one Bolt server. ``bound`` gives a tenant's graph; ``close`` ends the connection.

    ``writers``: transactions that this process writes at once. The embedded server detects conflicts by page and
    makes the loser start over, so more than one only costs there.
    """

    def __init__(self, *, uri: str, user: str, password: str, database: str = "neo4j", writers: int = 1) -> None:
        self._database = database
        self._writing = asyncio.Semaphore(writers)
        self._driver = neo4j.AsyncGraphDatabase.driver(
            uri,
            auth=(user, password) if user else None,
            max_connection_pool_size=16,
            connection_timeout=5.0,
            connection_acquisition_timeout=_READ_S,
            max_transaction_retry_time=0,  # its waits begin at a second; ours are below
            telemetry_disabled=True,
            notifications_min_severity="OFF",  # else the server tells of every property that no row has yet
            user_agent="ragleap",
        )

    def bound(self, tenant: str) -> BoltGraph:
        """The graph of ``tenant`` and of no other."""
        return BoltGraph(self, check_tenant(tenant))

    async def reach(self) -> None:
        """Ask once. Raises Unavailable where nothing answers or the database is missing, Terminal where the credentials
        are refused."""
        await self.read("RETURN 1 AS one", {})

    async def prepare(self) -> None:
        """Make the constraints and indexes; idempotent. Call once before the first write."""

        async def attempt() -> None:
            async with self._driver.session(database=self._database) as session:
                for statement in cypher.PREPARE:  # not in a transaction: a schema change is one of its own
                    await (await session.run(statement)).consume()

        await _guarded(attempt, _WRITE_S)

    async def close(self) -> None:
        async with asyncio.timeout(5):
            await self._driver.close()

    async def read(self, statement: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        async def work(tx: Transaction) -> list[dict[str, Any]]:
            return await _run(tx, statement, parameters)

        async def attempt() -> list[dict[str, Any]]:
            async with self._driver.session(database=self._database) as session:
                return await session.execute_read(work)

        with span("graph.read"):
            return await _patiently(attempt, _READ_S)

    async def write(self, work: Callable[[Transaction], Awaitable[_T]]) -> _T:
        """Run ``work`` in one transaction; conflicts with other writers are tried again."""

        async def attempt() -> _T:
            async with self._driver.session(database=self._database) as session:
                return await session.execute_write(work)

        with span("graph.write"):
            async with self._writing:
                return await _patiently(attempt, _WRITE_S)


class BoltGraph:
    """One tenant's knowledge graph (``actors.ports.GraphStore``)."""

    def __init__(self, server: Bolt, tenant: str) -> None:
        self._server = server
        self._tenant = tenant

    async def put(self, entities: Sequence[GraphEntity], relations: Sequence[GraphRelation]) -> None:
        supports = chain((e.support for e in entities), (r.support for r in relations))
        edges = rows.relation_rows(self._tenant, relations)
        await self._put(cypher.PUT_CHUNKS, rows=rows.chunk_rows(self._tenant, supports))
        await self._put(cypher.PUT_ENTITIES, rows=rows.entity_rows(self._tenant, entities))
        await self._put(cypher.PUT_ENDS, rows=rows.end_rows(self._tenant, edges))
        await self._put(cypher.PUT_STATES, rows=rows.state_rows(edges))
        await self._put(cypher.PUT_NEEDS, rows=rows.need_rows(edges))
        await self._put(cypher.PUT_RELATIONS, rows=edges)

    async def lookup(
        self, entity_ids: Sequence[str], *, each: int | None = None, within: DocumentScope = DocumentScope()
    ) -> list[GraphEntity]:
        scope, documents = rows.scoped(within)
        found: list[GraphEntity] = []
        for ids in _batches(list(dict.fromkeys(entity_ids)), _IDS_A_READ):
            if each is None:
                answer = await self._table(cypher.LOOKUP, ids=ids, limit=_LARGEST_ANSWER)
            else:
                answer = await self._table(cypher.LOOKUP_EACH[scope], ids=ids, each=each, documents=documents)
            found.extend(rows.entity_of(row) for row in answer)
        return found

    async def by_type(self, type: str, *, limit: int = 20_000) -> list[GraphEntity]:
        if not type:
            return []
        answer = await self._table(cypher.BY_TYPE, kind=rows.kind_of(self._tenant, type), limit=limit)
        return [rows.entity_of(row) for row in answer]

    async def hops(
        self,
        entity_ids: Sequence[str],
        *,
        relations: Sequence[str] | None = None,
        limit: int = 2_000,
        within: DocumentScope = DocumentScope(),
    ) -> list[Hop]:
        scope, documents = rows.scoped(within)
        wanted = list(dict.fromkeys(entity_ids))
        found: dict[tuple[str, str, str], Hop] = {}
        for ids in _batches(wanted, _IDS_A_READ):
            each = _share(limit, len(wanted))
            if relations is None:
                answer = await self._table(cypher.HOPS[scope], ids=ids, each=each, documents=documents)
            else:
                answer = await self._table(cypher.TYPED_HOPS, ids=ids, each=each, relations=list(relations))
            found.update({(row["from_id"], row["to_id"], row["key"]): rows.hop_of(row) for row in answer})
        return rows.fair(list(found.values()), limit)

    async def filed(self, alias_ids: Sequence[str], *, each: int = 40) -> list[Filed]:
        found: dict[Filed, None] = {}
        for ids in _batches(list(dict.fromkeys(alias_ids)), _IDS_A_READ):
            for row in await self._table(cypher.FILED, ids=ids, each=each):
                found.update(dict.fromkeys(rows.filed_of(row)))
        return list(found)

    async def near(self, keys: Sequence[str], *, each: int = 40) -> list[str]:
        async def by(half: str, wanted: Sequence[str]) -> list[str]:
            tables = [
                await self._table(cypher.NEAR[half], probes=probes, each=each)
                for probes in _batches(wanted, _IDS_A_READ)
            ]
            return [str(row["id"]) for table in tables for row in table]

        read = await asyncio.gather(*(by(*each_half) for each_half in rows.near_probes(self._tenant, keys).items()))
        return list(dict.fromkeys(chain.from_iterable(read)))

    async def mentions(self, entity_ids: Sequence[str], *, limit: int = 2_000) -> list[Support]:
        wanted = list(dict.fromkeys(entity_ids))
        found: dict[Support, None] = {}
        for ids in _batches(wanted, _IDS_A_READ):
            answer = await self._table(cypher.MENTIONS, ids=ids, each=_share(limit, len(wanted)))
            found.update(dict.fromkeys(rows.support_of(row) for row in answer))
        return list(found)[:limit]

    async def count(self, document_id: str, version: int) -> tuple[int, int]:
        source = rows.source_of(self._tenant, document_id, version)
        entities = await self._read(cypher.COUNT_ENTITIES, source=source)
        relations = await self._read(cypher.COUNT_RELATIONS, source=source)
        return int(entities[0]["n"]), int(relations[0]["n"])

    async def delete_version(self, document_id: str, version: int) -> tuple[int, int]:
        """Also answers how many entities and relations are gone (not how many lost a support)."""
        entities = relations = 0
        while gone := await self._remove(document_id, version):
            entities, relations = entities + gone[0], relations + gone[1]
        return entities, relations

    async def drop(self) -> tuple[int, int]:
        relations = int((await self._read(cypher.COUNT_ALL_RELATIONS))[0]["n"])
        entities = await self._drop("Entity")
        await self._drop("Chunk")
        await self._drop("Document")
        return entities, relations

    async def _put(self, statement: str, *, rows: Sequence[Any]) -> None:
        for batch in _batches(rows, _ROWS_A_WRITE):
            parameters: dict[str, Any] = {"rows": batch, "tenant": self._tenant}
            await self._server.write(partial(_run, statement=statement, parameters=parameters))

    async def _read(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        return await self._server.read(statement, {"tenant": self._tenant, **parameters})

    async def _table(self, table: cypher.Table, **parameters: Any) -> list[dict[str, Any]]:
        answer = await self._read(table.statement, **parameters)
        return [dict(zip(table.columns, row, strict=True)) for row in answer[0]["rows"]]

    async def _remove(self, document_id: str, version: int) -> tuple[int, int] | None:
        """One transaction's worth of a version; None when nothing is left of it."""
        removal = _Removal(self._tenant, document_id, version)
        return await self._server.write(removal.step)

    async def _drop(self, label: str) -> int:
        parameters = {"tenant": self._tenant, "limit": _NODES_A_DROP}
        total = 0
        while True:
            answer = await self._server.write(partial(_run, statement=cypher.DROP[label], parameters=parameters))
            if not answer or not answer[0]["n"]:
                return total
            total += int(answer[0]["n"])


class _Removal:
    """Takes one document version out of a tenant's graph, a bounded number of chunks at a time."""

    def __init__(self, tenant: str, document_id: str, version: int) -> None:
        self._tenant = tenant
        self._key = rows.version_key(document_id, version)
        self._source = rows.source_of(tenant, document_id, version)

    async def step(self, tx: Transaction) -> tuple[int, int] | None:
        """Remove some chunks, or some foreign relations that need this version; None when there are none left."""
        own = await self._run(tx, cypher.CHUNKS_OF, source=self._source, limit=_CHUNKS_A_REMOVAL)
        if own:
            return await self._chunks(tx, [row["id"] for row in own])
        foreign = await self._run(tx, cypher.NEEDING_CHUNKS, limit=_CHUNKS_A_REMOVAL)
        if foreign:
            return await self._needing(tx, [row["id"] for row in foreign])
        await self._run(tx, cypher.DELETE_DOCUMENT)
        return None

    async def _chunks(self, tx: Transaction, chunks: list[str]) -> tuple[int, int]:
        stated = await self._run(tx, cypher.ENDS_OF_STATED, chunks=chunks, source=self._source)
        supported = await self._run(tx, cypher.SUPPORTED, chunks=chunks)
        await self._run(tx, cypher.DELETE_STATED, chunks=chunks, source=self._source)
        await self._run(tx, cypher.DELETE_CHUNKS, chunks=chunks)
        touched = {row["id"] for row in supported} | _ends(stated)
        return await self._tidy(tx, sorted(touched)), len(stated)

    async def _needing(self, tx: Transaction, chunks: list[str]) -> tuple[int, int]:
        needing = await self._run(tx, cypher.ENDS_OF_NEEDING, chunks=chunks, source=self._source)
        await self._run(tx, cypher.DELETE_NEEDING, chunks=chunks, source=self._source)
        await self._run(tx, cypher.FORGET_NEEDING, chunks=chunks)
        starts = sorted({str(row["start"]) for row in needing})
        silent = await self._run(tx, cypher.SILENT, chunks=chunks, starts=starts) if starts else []
        if silent:
            await self._run(tx, cypher.FORGET_SILENT, rows=silent)
        return await self._tidy(tx, sorted(_ends(needing))), len(needing)

    async def _tidy(self, tx: Transaction, touched: list[str]) -> int:
        """Remove the touched entities that nothing names any more; the others get the name of what is left."""
        if not touched:
            return 0
        left = await self._run(tx, cypher.REMAINING, ids=touched)
        bare = [row["id"] for row in left if not row["supports"]]
        related = {row["id"] for row in await self._run(tx, cypher.RELATED, ids=bare)} if bare else set()
        gone = [each for each in bare if each not in related]
        renamed = rows.renamed(self._tenant, (row for row in left if row["supports"] or row["id"] in related))
        if renamed:
            await self._run(tx, cypher.RENAME, rows=renamed)
        if gone:
            await self._run(tx, cypher.DELETE_ENTITIES, ids=gone)
        return len(gone)

    async def _run(self, tx: Transaction, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        return await _run(tx, statement, {"tenant": self._tenant, "version_key": self._key, **parameters})


class _Conflict(Retryable):
    """Another writer touched the same nodes; the same transaction may succeed now."""


async def _run(tx: Transaction, statement: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    result = await tx.run(statement, parameters)
    return [dict(zip(result.keys(), record, strict=True)) async for record in result]


async def _patiently(attempt: Callable[[], Awaitable[_T]], deadline_s: float) -> _T:
    """``attempt`` again while another writer was faster or the server restarts. Every statement may run twice."""
    clock = asyncio.get_running_loop().time
    started = clock()
    for number in count():
        try:
            return await _guarded(attempt, deadline_s)
        except (_Conflict, Unavailable) as error:
            wait = random.uniform(0.5, 1.0) * min(1.0, 0.02 * 2**number)  # noqa: S311 - not for secrets
            if clock() + wait - started > (_CONFLICT_S if isinstance(error, _Conflict) else _DOWN_S):
                raise
        await asyncio.sleep(wait)
    raise AssertionError("unreachable")


async def _guarded(attempt: Callable[[], Awaitable[_T]], deadline_s: float) -> _T:
    try:
        async with asyncio.timeout(deadline_s):
            return await attempt()
    except TimeoutError as error:
        raise DeadlineExceeded(f"The graph store did not answer within {deadline_s:.0f} s.") from error
    except (Neo4jError, DriverError) as error:
        raise _ours(error) from error


def _ours(error: Neo4jError | DriverError) -> RagleapError:
    text = str(getattr(error, "message", None) or error)[:300]
    if isinstance(error, AuthError):
        return Terminal("The graph store refuses the credentials.", do="Check RAGLEAP_GRAPH_USER and _PASSWORD.")
    if isinstance(error, ConstraintError | TransientError) or "ConcurrentModification" in text:
        return _Conflict(f"Another writer was faster: {text}")
    if "DatabaseNotFound" in str(getattr(error, "code", "")):  # or one that is still starting
        return Unavailable("The graph store has no such database.", do="Check RAGLEAP_GRAPH_DATABASE.")
    if isinstance(error, ServiceUnavailable | SessionExpired):
        return Unavailable("The graph store is not reachable.", do="Try again shortly.")
    if isinstance(error, ClientError):
        return Terminal(f"The graph store refuses the request: {text}")
    return Retryable(f"The graph store failed: {text}", do="Try again shortly.")


def _ends(relations: Sequence[dict[str, Any]]) -> set[str]:
    return {str(end) for row in relations for end in (row["start"], row["finish"])}


def _share(limit: int, entities: int) -> int:
    """How many rows each of several entities may contribute: its even share, and never so few that it says nothing."""
    return max(16, -(-limit // max(1, entities)))


def _batches(values: Sequence[_T], size: int) -> Iterator[list[_T]]:
    for first in range(0, len(values), size):
        yield list(values[first : first + size])

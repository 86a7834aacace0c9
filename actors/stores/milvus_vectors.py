"""Vectors in Milvus: dense (HNSW, cosine) and BM25 search over one tenant's chunks.

One client per process (:class:`Milvus`), handed out bound to a tenant (:class:`MilvusVectors`). Embedded, every tenant
has a collection of its own, so that a search costs what the tenant's own size costs; on a cluster the tenants share
one collection whose partition key is the tenant. A tenant that has nothing yet has no collection and answers with
nothing. What was written is found by every search after, also where the server's searches may lag behind its writes.
Vendor exceptions end here: Retryable where the server may answer later, Terminal where it never will.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, TypeAlias, TypeVar

import grpc  # type: ignore[import-untyped]
from pymilvus import AsyncMilvusClient, MilvusException

from actors.keywords import index_words
from actors.ports import Vector, VectorFilter, VectorHit, VectorRow
from actors.stores.milvus_filters import any_of, check_id, expression, of_version, searchable
from actors.stores.milvus_schema import COLUMNS, SHARED, indexes, schema
from runtime.address import check_tenant
from runtime.errors import DeadlineExceeded, Invalid, Retryable, Terminal, Unavailable
from runtime.telemetry import span

Mode: TypeAlias = Literal["embedded", "cluster"]
_T = TypeVar("_T")
_SEARCH_S: Final = 10.0
_WRITE_S: Final = 60.0
_ROWS_A_CALL: Final = 256
_IDS_A_CALL: Final = 500
_LARGEST_K: Final = 1_000
_TEXT_BYTES: Final = 65_535
_NOT_FOUND: Final = 100
_NOT_LOADED: Final = 101
_INDEX_EXISTS: Final = 35
_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.\d+)?")
NEEDED: Final = (2, 5)  # the first with functions that make BM25's vectors (Milvus 2.5's release notes)


class Milvus:
    """The connection to one Milvus server. ``bound`` gives a tenant's store; ``close`` ends the connection.

    ``dense_only``: leave out what servers older than :data:`NEEDED` can't do. No deployment is one, but their dense
    search is the same.
    """

    def __init__(
        self,
        *,
        uri: str,
        token: str = "",
        dimension: int,
        mode: Mode = "embedded",
        dense_only: bool = False,
        deadline_s: float = _SEARCH_S,
    ) -> None:
        self.dimension = dimension
        self.mode: Mode = mode
        self.dense_only = dense_only
        self.deadline_s = deadline_s  # of a read
        self._uri = uri
        self._token = token
        self._client: AsyncMilvusClient | None = None
        self._connecting = asyncio.Lock()
        self._loaded: set[str] = set()  # bounded by the number of tenants that this process serves
        self._whole: set[str] = set()  # of them, those whose indexes were seen
        # The vendor logs a traceback for every failed call, expected ones too; each is an error of ours or handled.
        logging.getLogger("pymilvus.decorators").setLevel(logging.CRITICAL)
        self._preparing: dict[str, asyncio.Lock] = {}

    def bound(self, tenant: str) -> MilvusVectors:
        """The vector store of ``tenant`` and of no other."""
        return MilvusVectors(self, check_tenant(tenant))

    async def reach(self) -> None:
        """Ask for the server's version. Raises Unavailable where nothing answers or the credentials are refused,
        Terminal where the server is too old for BM25."""
        try:
            async with _translated(self.deadline_s):
                version = await (await self._connected()).get_server_version(timeout=self.deadline_s)
        except Retryable as error:
            raise Unavailable(
                "The vector store is not reachable, or refuses the credentials.",
                do="Check RAGLEAP_VECTORS_URI and RAGLEAP_VECTORS_TOKEN.",
            ) from error
        found = _VERSION.search(version)
        if found and (int(found[1]), int(found[2])) < NEEDED:
            raise Terminal(
                f"The vector store is Milvus {found[0]}, which has no keyword search (BM25).",
                do="RagLeap needs Milvus {}.{} or newer.".format(*NEEDED),
            )

    async def close(self) -> None:
        client, self._client = self._client, None
        self._forget()
        if client is not None:
            with contextlib.suppress(MilvusException, grpc.RpcError, TimeoutError):
                async with asyncio.timeout(5):
                    await client.close()

    def collection(self, tenant: str) -> str:
        return SHARED if self.mode == "cluster" else f"tenant_{tenant}"

    async def call(
        self, collection: str, work: Callable[[AsyncMilvusClient], Awaitable[_T]], *, deadline_s: float
    ) -> _T | None:
        """Run ``work`` on a loaded collection; None where there is no such collection.

        A server that was restarted has forgotten what was loaded, so "not loaded" means: load, and once more.
        """
        with span("vectors.call", collection=collection):
            return await self._call(collection, work, deadline_s)

    async def _call(
        self, collection: str, work: Callable[[AsyncMilvusClient], Awaitable[_T]], deadline_s: float
    ) -> _T | None:
        async with _translated(deadline_s):
            client = await self._connected()
            for again in (True, False):
                if collection not in self._loaded and not await self._load(client, collection):
                    return None
                try:
                    return await work(client)
                except MilvusException as error:
                    self._forget(collection)
                    if not (again and _is(error, _NOT_LOADED, _NOT_FOUND)):
                        raise
        return None

    async def create(self, collection: str) -> None:
        """Make the collection, or finish one that was left without its indexes. Two that do it at once both succeed."""
        if collection in self._whole:
            return
        async with self._preparing.setdefault(collection, asyncio.Lock()), _translated(_WRITE_S):
            client = await self._connected()
            if not await client.has_collection(collection, timeout=self.deadline_s):
                with contextlib.suppress(MilvusException):  # another process may have been first
                    made = schema(self.dimension, shared=self.mode == "cluster", dense_only=self.dense_only)
                    await client.create_collection(collection, schema=made, timeout=_WRITE_S)
            present = set(await client.list_indexes(collection, timeout=self.deadline_s))
            for index in (made for made in indexes(dense_only=self.dense_only) if made[0].index_name not in present):
                await _index(client, collection, index)
            if not await self._load(client, collection):
                raise Retryable("The collection could not be made.", do="See the vector store's log.")
            self._whole.add(collection)

    async def drop(self, collection: str) -> None:
        """Remove the collection where there is one."""
        async with _translated(_WRITE_S):
            client = await self._connected()
            self._forget(collection)
            if await client.has_collection(collection, timeout=self.deadline_s):
                await client.release_collection(collection, timeout=_WRITE_S)
                await client.drop_collection(collection, timeout=_WRITE_S)

    def _forget(self, collection: str | None = None) -> None:
        for known in (self._loaded, self._whole):
            known.difference_update({collection} if collection else set(known))

    async def _load(self, client: AsyncMilvusClient, collection: str) -> bool:
        if not await client.has_collection(collection, timeout=self.deadline_s):
            return False
        await client.load_collection(collection, timeout=_WRITE_S)
        self._loaded.add(collection)
        return True

    async def _connected(self) -> AsyncMilvusClient:
        async with self._connecting:
            if self._client is None:
                # A connection of its own: the vendor's shared ones are keyed by event loop and outlive close().
                self._client = AsyncMilvusClient(
                    uri=self._uri, token=self._token, timeout=self.deadline_s, dedicated=True
                )
            return self._client


class MilvusVectors:
    """One tenant's chunks in Milvus (``actors.ports.VectorStore``)."""

    def __init__(self, server: Milvus, tenant: str) -> None:
        self._server = server
        self._tenant = tenant
        self._collection = server.collection(tenant)
        self._mine = f'tenant == "{tenant}"' if server.mode == "cluster" else ""

    async def upsert(self, rows: Sequence[VectorRow]) -> None:
        if not rows:
            return
        entities = [self._entity(row) for row in rows]
        await self._server.create(self._collection)
        for first in range(0, len(entities), _ROWS_A_CALL):
            batch = entities[first : first + _ROWS_A_CALL]
            done = await self._call(
                partial(AsyncMilvusClient.upsert, collection_name=self._collection, data=batch, timeout=_WRITE_S),
                _WRITE_S,
            )
            if done is None:
                raise Retryable("The tenant's chunks were removed while new ones were written.", tenant=self._tenant)
        if self._mine:
            await self._query(self._narrowed(any_of("chunk_id", [entities[-1]["chunk_id"]])), ["chunk_id"])  # caught up

    async def flush(self) -> None:
        if self._mine:  # a server seals segments when it is time, and allows one flush in ten seconds for all tenants
            return
        await self._call(lambda client: client.flush(self._collection, timeout=_WRITE_S), _WRITE_S)

    async def dense(self, vector: Vector, k: int, where: VectorFilter = VectorFilter()) -> list[VectorHit]:
        if len(vector) != self._server.dimension:
            raise Invalid(
                f"A vector of {len(vector)} numbers was given where {self._server.dimension} are stored.",
                do="After a change of the embedder, delete the documents and ingest them again.",
                tenant=self._tenant,
            )
        return await self._search([float(x) for x in vector], "vector", {"metric_type": "COSINE"}, k, where)

    async def keyword(self, query: str, k: int, where: VectorFilter = VectorFilter()) -> list[VectorHit]:
        if self._server.dense_only:
            raise Terminal("This vector store has no keyword search (BM25).")
        text = searchable(index_words(query))
        return await self._search(text, "sparse", {"metric_type": "BM25"}, k, where) if text else []

    async def fetch(self, chunk_ids: Sequence[str]) -> list[VectorHit]:
        wanted = list(dict.fromkeys(chunk_ids))
        hits: list[VectorHit] = []
        for first in range(0, len(wanted), _IDS_A_CALL):
            keys = [self._key(chunk_id) for chunk_id in wanted[first : first + _IDS_A_CALL]]
            rows = await self._query(self._narrowed(any_of("chunk_id", keys)), COLUMNS)
            hits.extend(self._hit(row, 0.0) for row in rows)
        return hits

    async def count(self, document_id: str, version: int) -> int:
        return await self._count(self._narrowed(of_version(document_id, version)))

    async def delete_version(self, document_id: str, version: int) -> int:
        return await self._delete(self._narrowed(of_version(document_id, version)))

    async def drop(self) -> int:
        if self._server.mode == "cluster":
            return await self._delete(self._mine)
        total = await self._count("")
        await self._server.drop(self._collection)
        return total

    async def _search(
        self, data: str | list[float], field: str, parameters: Mapping[str, object], k: int, where: VectorFilter
    ) -> list[VectorHit]:
        narrowing = expression(where)
        if narrowing is None or k < 1:
            return []
        found = await self._call(
            lambda client: client.search(
                self._collection,
                data=[data],
                anns_field=field,
                search_params=dict(parameters),
                filter=self._narrowed(narrowing),
                limit=min(k, _LARGEST_K),
                output_fields=list(COLUMNS),
                timeout=self._server.deadline_s,
            ),
            self._server.deadline_s,
        )
        return [self._hit(hit["entity"], float(hit["distance"])) for hit in found[0]] if found else []

    async def _query(self, where: str, fields: Sequence[str], **options: int) -> list[Mapping[str, Any]]:
        """Rows by their fields, as of now: what another process wrote is seen."""
        found = await self._call(
            lambda client: client.query(
                self._collection,
                filter=where,
                output_fields=list(fields),
                timeout=self._server.deadline_s,
                consistency_level="Strong",
                **options,
            ),
            self._server.deadline_s,
        )
        return list(found or ())

    async def _count(self, where: str) -> int:
        rows = await self._query(where, ["count(*)"])
        return int(rows[0]["count(*)"]) if rows else 0

    async def _delete(self, where: str) -> int:
        total = 0
        while keys := [str(row["chunk_id"]) for row in await self._query(where, ["chunk_id"], limit=_IDS_A_CALL)]:
            batch = self._narrowed(any_of("chunk_id", keys))
            await self._call(
                partial(AsyncMilvusClient.delete, collection_name=self._collection, filter=batch, timeout=_WRITE_S),
                _WRITE_S,
            )
            total += len(keys)
        return total

    async def _call(self, work: Callable[[AsyncMilvusClient], Awaitable[_T]], deadline_s: float) -> _T | None:
        return await self._server.call(self._collection, work, deadline_s=deadline_s)

    def _narrowed(self, where: str) -> str:
        return " and ".join(part for part in (self._mine, where) if part)

    def _key(self, chunk_id: str) -> str:
        """Primary keys are unique over a collection, so a shared one needs the tenant in them."""
        return check_id(f"{self._tenant}|{chunk_id}" if self._mine else chunk_id)

    def _entity(self, row: VectorRow) -> dict[str, Any]:
        if len(row.vector) != self._server.dimension:
            raise Invalid(f"Chunk {row.chunk_id} has a vector of {len(row.vector)} numbers.", tenant=self._tenant)
        if len(row.text.encode()) > _TEXT_BYTES:
            raise Invalid(f"Chunk {row.chunk_id} is longer than {_TEXT_BYTES} bytes.", tenant=self._tenant)
        entity: dict[str, Any] = {
            "chunk_id": self._key(row.chunk_id),
            "document_id": check_id(row.document_id),
            "version": int(row.version),
            "ordinal": int(row.ordinal),
            "text": row.text,
            "vector": [float(x) for x in row.vector],
            "start": int(row.start),
            "end": int(row.end),
            "occurred_on": int(row.occurred_on),
        }
        if not self._server.dense_only:
            entity["words"] = _words(row)
        if self._mine:
            entity["tenant"] = self._tenant
        return entity

    def _hit(self, entity: Mapping[str, Any], score: float) -> VectorHit:
        chunk_id = str(entity["chunk_id"])
        return VectorHit(
            chunk_id=chunk_id.removeprefix(f"{self._tenant}|") if self._mine else chunk_id,
            document_id=str(entity["document_id"]),
            version=int(entity["version"]),
            ordinal=int(entity["ordinal"]),
            text=str(entity["text"]),
            start=int(entity["start"]),
            end=int(entity["end"]),
            score=score,
            occurred_on=int(entity["occurred_on"]),
        )


async def _index(client: AsyncMilvusClient, collection: str, index: Any) -> None:
    """Make one index. The embedded server builds it at once and lacks the call with which the client then waits."""
    try:
        await client.create_index(collection, index, timeout=_WRITE_S)
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
            raise
    except MilvusException as error:
        if not _is(error, _INDEX_EXISTS):
            raise


def _words(row: VectorRow) -> str:
    """What keyword search finds a row by, cut to what the store holds."""
    words = index_words(f"{row.context}\n{row.text}")
    return words.encode()[:_TEXT_BYTES].decode(errors="ignore")


@contextlib.asynccontextmanager
async def _translated(deadline_s: float) -> AsyncIterator[None]:
    """Vendor exceptions become ours, and nothing takes longer than its deadline (plus the vendor's own retries)."""
    try:
        async with asyncio.timeout(deadline_s + 1.0):
            yield
    except TimeoutError as error:
        raise DeadlineExceeded(f"The vector store did not answer within {deadline_s:.0f} s.") from error
    except grpc.RpcError as error:
        raise Unavailable("The vector store is not reachable.", do="Try again shortly.") from error
    except MilvusException as error:
        raise _ours(error) from error


def _ours(error: MilvusException) -> Retryable | Terminal:
    text = str(error.message)[:300]
    if error.is_input_error or _is(error, 6, 1100):  # illegal argument: asking again changes nothing
        return Terminal(f"The vector store refuses the request: {text}")
    return Retryable(f"The vector store failed: {text}", do="Try again shortly.")


def _is(error: MilvusException, *codes: int) -> bool:
    return int(error.code) in codes

"""One tenant's search: dense, keyword and graph at once, fused, reranked and freed of near-duplicates.

Promises: only live document versions that the reader may see are returned, and how they were reached only to those who
may see everything; where the question names a time, what is known to be of another comes last; a part that fails or is
late is logged, left out and named, and only when every part asked for has failed does the search fail; every wait is
bounded.

Held by tests/integration/test_search.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import structlog

from actors.audience import Audience
from actors.dates import as_of_day
from actors.messages import Evidence, Found, Mode, PathStep, Search
from actors.ports import Embedder, GraphStore, Library, LiveDocument, Reranker, VectorFilter, VectorHit, VectorStore
from actors.retrieval.fusion import reciprocal_rank_fusion, spread, without_near_duplicates
from actors.retrieval.graph_walk import Walk, WalkSettings, walk
from actors.retrieval.period import Period, asked_period
from actors.retrieval.visible import Visible, visible
from actors.retrieval.windows import best_window, rarity_among
from runtime.clock import Clock, SystemClock
from runtime.errors import RagleapError, Unavailable

Part = Literal["vector", "keyword", "graph"]
_PARTS: Mapping[Mode, tuple[Part, ...]] = {
    Mode.HYBRID: ("vector", "keyword", "graph"),
    Mode.VECTOR: ("vector",),
    Mode.KEYWORD: ("keyword",),
    Mode.GRAPH: ("graph",),
}
MAX_K = 100
_DEEPEST = 1_000  # candidates read of a part at the most
_COMPARED = 16  # results that are compared with each other for near-copies

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How much of each part is read and how the parts are weighed. Set by bench/retrieval.py, never per question."""

    candidates: int = 40  # read from each part
    weights: Mapping[str, float] = field(
        default_factory=lambda: {"vector": 1.0, "keyword": 1.5, "graph": 0.5, "rerank": 1.0}
    )
    reranked: int = 7  # pairs that the cross-encoder sees
    part_deadline_s: float = 4.0
    rerank_deadline_s: float = 6.0
    walk: WalkSettings = field(default_factory=WalkSettings)


@dataclass(slots=True)
class _Pool:
    """The chunks found so far and every part's ranking of them."""

    hits: dict[str, VectorHit] = field(default_factory=dict)
    rankings: dict[str, list[str]] = field(default_factory=dict)
    paths: Callable[[str], tuple[PathStep, ...]] | None = None
    logits: dict[str, float] = field(default_factory=dict)
    focus: dict[str, tuple[int, int]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def fuse(self, rankings: Mapping[str, Sequence[str]], weights: Mapping[str, float]) -> dict[str, float]:
        documents = {chunk_id: hit.document_id for chunk_id, hit in self.hits.items()}
        return spread(reciprocal_rank_fusion(rankings, weights), documents)

    def source(self, chunk_id: str) -> Part:
        """The part that ranked the chunk highest; between equals, the first of vector, keyword, graph."""
        ranks: list[tuple[int, int, Part]] = []
        for order, part in enumerate(_PARTS[Mode.HYBRID]):
            ranking = self.rankings.get(part, [])
            if chunk_id in ranking:
                ranks.append((ranking.index(chunk_id), order, part))
        return min(ranks)[2] if ranks else "vector"


class HybridSearch:
    """Searches one tenant. All collaborators are bound to that tenant."""

    def __init__(
        self,
        vectors: VectorStore,
        graph: GraphStore,
        embedder: Embedder,
        reranker: Reranker | None,
        library: Library,
        settings: SearchSettings = SearchSettings(),
        clock: Clock = SystemClock(),
    ) -> None:
        self._vectors = vectors
        self._graph = graph
        self._embedder = embedder
        self._reranker = reranker
        self._library = library
        self._settings = settings
        self._clock = clock

    async def search(self, request: Search, reader: Audience = Audience.STAFF) -> Found:
        """The best ``request.k`` chunks for ``reader``. Raises Unavailable when no part could answer."""
        seen = visible(await self._library.live(), reader)
        live, query = seen.live, request.query.strip()
        if not live or not query:
            return Found(results=())
        k = max(1, min(request.k, MAX_K))
        pool = await self._gather(query, request, seen, max(self._settings.candidates, k))
        if reader is not Audience.STAFF:
            pool.paths = None  # a node on the way may have its name from a document that is for staff
        scores = pool.fuse(pool.rankings, self._settings.weights)
        texts = {chunk_id: hit.text for chunk_id, hit in pool.hits.items()}
        order = without_near_duplicates(list(scores), texts, limit=max(_COMPARED, k))
        if request.rerank and self._reranker is not None and order:
            scores |= await self._rerank(query, order[: self._settings.reranked], pool, self._reranker)
            order.sort(key=lambda chunk_id: -scores[chunk_id])
        return Found(results=tuple(_evidence(pool, live, order[:k], scores)), missing=tuple(pool.missing))

    async def _gather(self, query: str, request: Search, seen: Visible, count: int) -> _Pool:
        parts, live = _PARTS[request.mode], seen.live
        where = seen.filter(request.document_ids)
        period = asked_period(query, as_of_day(request.as_of, self._clock.now()))
        runs: dict[Part, Callable[[], Awaitable[tuple[list[VectorHit], Walk | None]]]] = {
            "vector": lambda: self._dense(query, count, where, live, period),
            "keyword": lambda: self._keyword(query, count, where, live, period),
            "graph": lambda: self._walk(query, request.document_ids, seen, period),
        }
        async with asyncio.TaskGroup() as group:
            tasks = {part: group.create_task(self._within_deadline(part, runs[part])) for part in parts}
        pool = _Pool()
        for part, task in tasks.items():
            found = task.result()
            if found is None:
                pool.missing.append(part)
                continue
            hits, walked = found
            pool.rankings[part] = [hit.chunk_id for hit in hits]
            pool.hits.update((hit.chunk_id, hit) for hit in hits)
            if walked is not None:
                pool.paths = walked.path
        if len(pool.missing) == len(parts):
            raise Unavailable("The search stores do not answer.", do="Try again in a moment; see `ragleap status`.")
        return pool

    async def _within_deadline(
        self, part: Part, run: Callable[[], Awaitable[tuple[list[VectorHit], Walk | None]]]
    ) -> tuple[list[VectorHit], Walk | None] | None:
        """The part's result, or None after logging why there is none."""
        try:
            async with asyncio.timeout(self._settings.part_deadline_s):
                return await run()
        except (RagleapError, TimeoutError) as error:
            _log.warning("search.part_failed", part=part, error=type(error).__name__, reason=str(error))
            return None

    async def _dense(
        self, query: str, count: int, where: VectorFilter, live: Mapping[str, LiveDocument], period: Period | None
    ) -> tuple[list[VectorHit], None]:
        [vector] = await self._embedder.embed_queries([query])
        return await _timely_hits(partial(self._vectors.dense, vector), count, where, live, period), None

    async def _keyword(
        self, query: str, count: int, where: VectorFilter, live: Mapping[str, LiveDocument], period: Period | None
    ) -> tuple[list[VectorHit], None]:
        return await _timely_hits(partial(self._vectors.keyword, query), count, where, live, period), None

    async def _walk(
        self, query: str, document_ids: Sequence[str], seen: Visible, period: Period | None
    ) -> tuple[list[VectorHit], Walk]:
        def is_live(document_id: str, version: int) -> bool:
            known = seen.live.get(document_id)
            return known is not None and known.version == version

        walked = await walk(query, self._graph, is_live, self._settings.walk, seen.scope)
        if not walked.chunks:
            return [], walked
        rank = {chunk_id: at for at, chunk_id in enumerate(walked.chunks)}
        hits = [
            hit
            for hit in await self._vectors.fetch(list(walked.chunks))
            if is_live(hit.document_id, hit.version) and (not document_ids or hit.document_id in document_ids)
        ]
        hits.sort(key=lambda hit: (period is not None and not period.holds(hit.occurred_on), rank[hit.chunk_id]))
        return hits, walked

    async def _rerank(self, query: str, best: list[str], pool: _Pool, reranker: Reranker) -> dict[str, float]:
        """New scores for ``best``: their order and the cross-encoder's fused, above all others. Empty when it fails.

        The cross-encoder alone does worse than the two together: it reads one window and knows nothing of the graph.
        """
        rarity = rarity_among(query, [pool.hits[chunk_id].text for chunk_id in best])
        focus = {chunk_id: best_window(query, pool.hits[chunk_id].text, rarity) for chunk_id in best}
        passages = [focus[chunk_id].of(pool.hits[chunk_id].text) for chunk_id in best]
        try:
            async with asyncio.timeout(self._settings.rerank_deadline_s):
                logits = await reranker.score(query, passages)
        except (RagleapError, TimeoutError) as error:
            _log.warning("search.part_failed", part="rerank", error=type(error).__name__, reason=str(error))
            pool.missing.append("rerank")
            return {}
        pool.logits = dict(zip(best, logits, strict=True))
        pool.focus = {chunk_id: (span.start, span.end) for chunk_id, span in focus.items()}
        by_logit = sorted(best, key=lambda chunk_id: -pool.logits[chunk_id])
        weights = {"fused": 1.0, "rerank": self._settings.weights["rerank"]}
        fused = pool.fuse({"fused": best, "rerank": by_logit}, weights)
        return {chunk_id: 1.0 + score for chunk_id, score in fused.items()}


async def _timely_hits(
    read: Callable[[int, VectorFilter], Awaitable[list[VectorHit]]],
    count: int,
    where: VectorFilter,
    live: Mapping[str, LiveDocument],
    period: Period | None,
) -> list[VectorHit]:
    """The first ``count`` live hits, those that are known to be of another time last."""
    if period is None:
        return await _live_hits(lambda k: read(k, where), count, live)
    timely = replace(where, occurred=(period.first, period.last), undated=True)
    hits = await _live_hits(lambda k: read(k, timely), count, live)
    if len(hits) < count:
        found = {hit.chunk_id for hit in hits}
        others = await _live_hits(lambda k: read(k, where), count, live)
        hits += [hit for hit in others if hit.chunk_id not in found][: count - len(hits)]
    return hits


async def _live_hits(
    read: Callable[[int], Awaitable[list[VectorHit]]], count: int, live: Mapping[str, LiveDocument]
) -> list[VectorHit]:
    """The first ``count`` live hits. Reads deeper where others (dead, or not for this reader) crowded them out."""
    for depth in (count, count * 4, _DEEPEST):
        hits = await read(depth)
        alive = [
            hit for hit in hits if (known := live.get(hit.document_id)) is not None and known.version == hit.version
        ]
        if len(alive) >= count or len(hits) < depth or len(alive) > depth // 2:
            break
    return alive[:count]


def _evidence(
    pool: _Pool, live: Mapping[str, LiveDocument], order: Sequence[str], scores: Mapping[str, float]
) -> list[Evidence]:
    results: list[Evidence] = []
    for chunk_id in order:
        hit, title = pool.hits[chunk_id], live[pool.hits[chunk_id].document_id].title
        path = pool.paths(chunk_id) if pool.paths is not None else ()
        results.append(
            Evidence(
                document_id=hit.document_id,
                version=hit.version,
                chunk_id=chunk_id,
                title=title,
                text=hit.text,
                start=hit.start,
                end=hit.end,
                score=round(scores[chunk_id], 6),
                source=pool.source(chunk_id),
                rerank=pool.logits.get(chunk_id),
                focus=pool.focus.get(chunk_id),
                path=tuple(_named(step, title) for step in path),
            )
        )
    return results


def _named(step: PathStep, title: str) -> PathStep:
    """The last step of a path ends in the document that the chunk is of."""
    return step if step.to_name else PathStep(from_name=step.from_name, relation=step.relation, to_name=title)

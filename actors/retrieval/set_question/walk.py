"""Reading one tenant's live graph for set questions: rows of a type, rows by id, edges, each only where it is live.

Owns the bounds of a query (:class:`Budget`) and says when one was met. Read-only; every call has a deadline.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from actors.ports import GraphEntity, GraphStore, Hop, LiveDocument, Scalar, Support

_BATCH = 200
_EDGES_EACH = 500  # edges read of one node at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A live entity with all its cells and the chunks that tell it."""

    id: str
    type: str
    name: str
    cells: Mapping[str, Scalar]
    supports: tuple[Support, ...]

    def text(self, column: str) -> str:
        value = self.cells.get(column)
        return "" if value is None else str(value)

    @property
    def key(self) -> str:
        """The key in a row's id ("row:order:1001" is "1001")."""
        return self.id.split(":", 2)[2] if self.id.startswith("row:") else self.id.split(":", 1)[-1]


@dataclass(slots=True)
class Budget:
    """How much one question may read. ``cut`` names what was left out."""

    rows: int = 20_000
    edges: int = 50_000
    seconds: float = 20.0
    cut: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if what not in self.cut:
            self.cut.append(what)


class Walker:
    """One question's view of the graph. Rows once read are kept for the question's time."""

    def __init__(self, graph: GraphStore, live: Mapping[str, LiveDocument], budget: Budget) -> None:
        self._graph = graph
        self._live = live
        self._budget = budget
        self._rows: dict[str, Row] = {}
        self._types: dict[str, list[Row]] = {}
        self._edges = 0

    async def of_type(self, type: str) -> list[Row]:
        """Every live row of a type."""
        if type not in self._types:
            async with asyncio.timeout(self._budget.seconds):
                found = await self._graph.by_type(type, limit=self._budget.rows)
            if len(found) >= self._budget.rows:
                self._budget.note(f"only the first {self._budget.rows:,} rows of {type} were read")
            # Running text may name things of the same type ("product"), which are no rows.
            self._types[type] = self._keep([each for each in found if each.entity_id.startswith(f"row:{type}:")])
        return self._types[type]

    async def by_id(self, ids: Iterable[str]) -> dict[str, Row]:
        """The live rows among these ids."""
        wanted = list(dict.fromkeys(ids))
        missing = [each for each in wanted if each not in self._rows]
        for at in range(0, len(missing), _BATCH):
            async with asyncio.timeout(self._budget.seconds):
                self._keep(await self._graph.lookup(missing[at : at + _BATCH]))
        return {each: self._rows[each] for each in wanted if each in self._rows}

    async def neighbours(self, ids: Iterable[str], relations: Sequence[str]) -> dict[str, list[str]]:
        """For each id, the ids at the other end of live edges of these relations (either direction)."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        wanted = list(dict.fromkeys(ids))
        if not relations:
            return {}
        for at in range(0, len(wanted), _BATCH):
            batch = wanted[at : at + _BATCH]
            if self._edges >= self._budget.edges:
                self._budget.note(f"more than {self._budget.edges:,} relations were met")
                break
            limit = _EDGES_EACH * len(batch) if len(batch) > 20 else self._budget.edges
            async with asyncio.timeout(self._budget.seconds):
                hops = await self._graph.hops(batch, relations=list(dict.fromkeys(relations)), limit=limit)
            self._edges += len(hops)
            if len(hops) >= limit:
                self._budget.note("a very well connected entry was followed in part only")
            for hop in hops:
                if self._holds(hop):
                    found[hop.from_id][hop.to_id] = None
        return {each: list(to) for each, to in found.items()}

    def _holds(self, hop: Hop) -> bool:
        return self._is_live(hop.document_id, hop.version) and (hop.needs is None or self._is_live(*hop.needs))

    def _is_live(self, document_id: str, version: int) -> bool:
        document = self._live.get(document_id)
        return document is not None and document.version == version

    def _keep(self, entities: Sequence[GraphEntity]) -> list[Row]:
        """Entities come once per support: live supports of one id make one row."""
        grouped: dict[str, list[GraphEntity]] = defaultdict(list)
        for entity in entities:
            if self._is_live(entity.support.document_id, entity.support.version):
                grouped[entity.entity_id].append(entity)
        made = []
        for entity_id, each in grouped.items():
            cells: dict[str, Scalar] = {}
            for entity in each:
                cells.update({k: v for k, v in entity.properties.items() if v is not None})
            best = max(each, key=lambda e: len(e.properties))
            supports = tuple(dict.fromkeys(e.support for e in each))
            row = Row(id=entity_id, type=best.type, name=best.name, cells=cells, supports=supports)
            self._rows[entity_id] = row
            made.append(row)
        return made

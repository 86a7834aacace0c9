"""Rows as graph: one entity a row, edges to the people its addresses name and to the name it goes by; and as a blob.

Promises: pure; every edge has the row's chunk as support; the blob holds all that joins need, and reads back equal.

Held by tests/unit/actors/ingest/test_join.py.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from actors.ingest.chunk import Chunk
from actors.ingest.extract import Extraction
from actors.ingest.ports import FoundJoin, LiveTable
from actors.ingest.tables import MAIL, Row, TypedTable, row_id
from actors.names import email_id, name_id, name_key
from actors.ports import EntityType, GraphEntity, GraphRelation, Join, Scalar, Support

NAMED = "named"
PERSON = "person"

_PERSONAL = re.compile(r"(?:^|_)(?:name|full_name|customer|client|contact|person|employee|buyer|sender)(?:_name)?$")
_CODE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w/-]{4,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRow:
    """What a join needs of a row: its id, the chunk that tells it, its cells."""

    key: str
    chunk_id: str
    cells: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTable:
    """A live table with its rows, as read back from its blob."""

    type: EntityType
    rows: Sequence[JoinRow]


def rows_graph(table: TypedTable, chunks: Sequence[Chunk]) -> Extraction:
    """Entities and relations of one typed source."""
    entities: dict[tuple[str, str], GraphEntity] = {}
    relations: dict[tuple[str, str, str], GraphRelation] = {}
    emails = [c.name for c in table.type.columns if c.kind == "email"]
    at = ChunkIndex(chunks)
    for row in table.rows:
        support = _support(table.type, at.of(row.span))
        node = row_id(table.type.name, row.key)
        made = [
            GraphEntity(entity_id=node, type=table.type.name, name=row.label, support=support, properties=row.cells)
        ]
        edges = list(_edges(table, row, node, emails, support, made))
        for entity in made:
            entities.setdefault((entity.entity_id, support.chunk_id), entity)
        for edge in edges:
            relations.setdefault((edge.from_id, edge.type, edge.to_id), edge)
    return Extraction(entities=list(entities.values()), relations=list(relations.values()))


def person_joins(table: TypedTable) -> list[FoundJoin]:
    """The joins that need no other document: e-mail columns lead to persons by address."""
    source = table.type
    return [
        FoundJoin(
            join=Join(from_type=source.name, from_column=c.name, to_type=PERSON, to_column="email", relation=c.name),
            document_id=source.document_id,
            version=source.version,
        )
        for c in source.columns
        if c.kind == "email" and c.distinct
    ]


def to_blob(table: TypedTable, chunks: Sequence[Chunk]) -> bytes:
    """The rows with the chunks that tell them, as JSON."""
    at = ChunkIndex(chunks)
    rows = [[row.key, at.of(row.span), dict(row.cells)] for row in table.rows]
    return json.dumps({"type": table.type.name, "rows": rows}, ensure_ascii=False, separators=(",", ":")).encode()


def from_blob(live: LiveTable, data: bytes) -> JoinTable:
    """The inverse of :func:`to_blob`."""
    rows = [JoinRow(key=key, chunk_id=chunk, cells=cells) for key, chunk, cells in json.loads(data)["rows"]]
    return JoinTable(type=live.type, rows=rows)


class ChunkIndex:
    """Which chunk tells a span: the first that holds its beginning."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._ends = [chunk.end for chunk in chunks]

    def of(self, span: tuple[int, int]) -> str:
        place = bisect.bisect_right(self._ends, span[0])
        return self._chunks[min(place, len(self._chunks) - 1)].chunk_id


def _edges(
    table: TypedTable, row: Row, node: str, emails: Sequence[str], support: Support, made: list[GraphEntity]
) -> Iterator[GraphRelation]:
    """The row's edges; what they lead to is added to ``made``."""
    people = _people(table, row, emails)
    for column in emails:
        address = row.cells.get(column)
        if not isinstance(address, str) or "@" not in address:
            continue
        person = email_id(address)
        made.append(GraphEntity(entity_id=person, type=PERSON, name=people.get(column, address), support=support))
        yield GraphRelation(from_id=node, type=column, to_id=person, support=support)
        if column in people and len(name_key(people[column])) > 1:
            named = name_id(people[column])
            made.append(GraphEntity(entity_id=named, type=PERSON, name=people[column], support=support))
            yield GraphRelation(from_id=person, type=NAMED, to_id=named, support=support)
    if table.type.name == MAIL:
        return
    labels = {row.label} | ({row.key} if _CODE.fullmatch(row.key) else set())
    for label in sorted(labels):
        numeric = label.replace(".", "").replace("-", "").isdigit()
        if len(name_key(label)) > 1 and not numeric and "@" not in label and len(label) <= 120:
            made.append(GraphEntity(entity_id=name_id(label), type=table.type.name, name=label, support=support))
            yield GraphRelation(from_id=node, type=NAMED, to_id=name_id(label), support=support)


def _people(table: TypedTable, row: Row, emails: Sequence[str]) -> dict[str, str]:
    """E-mail column → the person's name in the same row: of the same stem, or the only one beside the only address."""
    found: dict[str, str] = {}
    names = [n for n, value in row.cells.items() if _PERSONAL.search(n) and isinstance(value, str) and "@" not in value]
    for column in emails:
        stem = re.sub(r"_?(?:email|mail|address)$", "", column)
        own = [f"{column}_name", *([f"{stem}_name", stem] if stem else [])]
        name = next((n for n in own if isinstance(row.cells.get(n), str)), None)
        if name is None and len(emails) == 1 and len(names) == 1:
            name = names[0]
        if name is not None and "@" not in str(row.cells[name]):
            found[column] = str(row.cells[name])
    return found


def _support(type: EntityType, chunk_id: str) -> Support:
    return Support(document_id=type.document_id, version=type.version, chunk_id=chunk_id)

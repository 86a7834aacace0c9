"""What the graph port's dataclasses look like as statement parameters, and back. Decides without I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

from actors.ports import DocumentScope, Filed, GraphEntity, GraphRelation, Hop, Scalar, Support
from actors.typos import halves, probes
from runtime.errors import Invalid

_LONGEST_ID = 2_000
Row = dict[str, Any]


def version_key(document_id: str, version: int) -> str:
    """The id of a document version's node within its tenant."""
    return f"{document_id}@{version}"


def source_of(tenant: str, document_id: str, version: int) -> str:
    """The same version, named across tenants (what indexed properties hold)."""
    return f"{tenant}|{document_id}@{version}"


def kind_of(tenant: str, type: str) -> str:
    """An entity type, named across tenants; the empty type is that of entities that only relations name."""
    return f"{tenant}|{type}"


def chunk_rows(tenant: str, supports: Iterable[Support]) -> list[Row]:
    """One row per chunk that supports anything."""
    return [
        {
            "chunk_key": _chunk_key(support),
            "version_key": version_key(support.document_id, support.version),
            "source": source_of(tenant, support.document_id, support.version),
            "document_id": support.document_id,
            "version": support.version,
            "chunk_id": support.chunk_id,
        }
        for support in dict.fromkeys(supports)
    ]


def entity_rows(tenant: str, entities: Sequence[GraphEntity]) -> list[Row]:
    """One row per (entity, chunk); the last of equal ones counts, as it would if they were put one by one."""
    rows: dict[tuple[str, Support], Row] = {}
    for entity in entities:
        rows[(entity.entity_id, entity.support)] = {
            "entity": _checked(entity.entity_id),
            "type": entity.type,
            "name": entity.name,
            "kind": kind_of(tenant, entity.type),
            **_halves(tenant, entity.entity_id),
            "properties": json.dumps(dict(entity.properties), ensure_ascii=False, sort_keys=True),
            "chunk_key": _chunk_key(entity.support),
        }
    return sorted(rows.values(), key=lambda row: str(row["entity"]))  # one order of locks for all writers


def end_rows(tenant: str, relations: Sequence[Row]) -> list[Row]:
    """One row per entity that a relation begins or ends at, as it is while nothing else names it."""
    ids = sorted({str(end) for row in relations for end in (row["from"], row["to"])})
    return [{"entity": each, "kind": kind_of(tenant, ""), **_halves(tenant, each)} for each in ids]


def near_probes(tenant: str, keys: Iterable[str]) -> dict[str, list[str]]:
    """By half, what the keys one slip away may be filed by."""
    found: dict[str, dict[str, None]] = {"head": {}, "tail": {}}
    for key in keys:
        heads, tails = probes(key)
        found["head"].update(dict.fromkeys(f"{tenant}|{each}" for each in heads))
        found["tail"].update(dict.fromkeys(f"{tenant}|{each}" for each in tails))
    return {half: list(values) for half, values in found.items()}


def filed_of(row: Mapping[str, Any]) -> list[Filed]:
    """The lines of one entry of the names' index."""
    lines = (line.split("\t") for line in str(row["name"]).split("\n"))
    return [Filed(alias_id=str(row["id"]), entity_id=line[0], name=line[1]) for line in lines if len(line) == 2]


def relation_rows(tenant: str, relations: Sequence[GraphRelation]) -> list[Row]:
    """One row per distinct edge. ``key`` tells edges between the same two entities apart."""
    rows: dict[tuple[str, str, str], Row] = {}
    for relation in relations:
        support, needs = relation.support, relation.needs
        key = _digest(relation.type, _chunk_key(support), version_key(*needs) if needs else "")
        rows[(relation.from_id, relation.to_id, key)] = {
            "from": _checked(relation.from_id),
            "to": _checked(relation.to_id),
            "key": key,
            "type": relation.type,
            "source": source_of(tenant, support.document_id, support.version),
            "document_id": support.document_id,
            "version": support.version,
            "chunk_id": support.chunk_id,
            "chunk_key": _chunk_key(support),
            "needs": source_of(tenant, *needs) if needs else "",
            "needs_document": needs[0] if needs else "",
            "needs_version": needs[1] if needs else 0,
        }
    return sorted(rows.values(), key=lambda row: (str(row["from"]), str(row["to"])))


def state_rows(relations: Sequence[Row]) -> list[Row]:
    """One row per (chunk, entity that a relation of it begins at)."""
    pairs = dict.fromkeys((str(row["chunk_key"]), str(row["from"])) for row in relations)
    return [{"chunk_key": chunk_key, "from": from_id} for chunk_key, from_id in pairs]


def need_rows(relations: Sequence[Row]) -> list[Row]:
    """One row per (needed document version, chunk with a relation that needs it)."""
    pairs = dict.fromkeys(
        (version_key(str(row["needs_document"]), int(row["needs_version"])), str(row["chunk_key"]))
        for row in relations
        if row["needs"]
    )
    return [{"version_key": key, "chunk_key": chunk_key} for key, chunk_key in pairs]


def scoped(within: DocumentScope) -> tuple[int, list[str]]:
    """Which of a statement's scopes to run, and the documents that it names."""
    if within.only is not None:
        return 1, sorted(within.only - within.never)
    return (2, sorted(within.never)) if within.never else (0, [])


def entity_of(row: Mapping[str, Any]) -> GraphEntity:
    properties: dict[str, Scalar] = json.loads(row["properties"] or "{}")
    return GraphEntity(
        entity_id=str(row["id"]),
        type=str(row["type"]),
        name=str(row["name"]),
        support=support_of(row),
        properties=properties,
    )


def support_of(row: Mapping[str, Any]) -> Support:
    return Support(document_id=str(row["document_id"]), version=int(row["version"]), chunk_id=str(row["chunk_id"]))


def hop_of(row: Mapping[str, Any]) -> Hop:
    needed = row["needs_document"]
    return Hop(
        from_id=str(row["from_id"]),
        from_name=str(row["from_name"] or row["from_id"]),
        relation=str(row["relation"]),
        to_id=str(row["to_id"]),
        to_name=str(row["to_name"] or row["to_id"]),
        to_type=str(row["to_type"]),
        document_id=str(row["document_id"]),
        version=int(row["version"]),
        chunk_id=str(row["chunk_id"]),
        needs=(str(needed), int(row["needs_version"])) if needed else None,
    )


def renamed(tenant: str, left: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows for entities whose least name or type went with a support."""
    made = []
    for row in left:
        name, kind = str(row["name"] or ""), str(row["type"] or "")
        if (name, kind) != (row["old_name"], row["old_type"]):
            made.append({"id": row["id"], "name": name, "type": kind, "kind": kind_of(tenant, kind)})
    return made


def fair(hops: Sequence[Hop], limit: int) -> list[Hop]:
    """At most ``limit`` hops, taken in turns from each entity, so that a hub does not crowd the others out."""
    if len(hops) <= limit:
        return list(hops)
    queues: dict[str, list[Hop]] = {}
    for hop in hops:
        queues.setdefault(hop.from_id, []).append(hop)
    turns = chain.from_iterable(zip_longest(*queues.values()))
    return [hop for hop in turns if hop is not None][:limit]


def _halves(tenant: str, entity_id: str) -> Row:
    made = halves(entity_id.removeprefix("name:")) if entity_id.startswith("name:") else None
    return {"head": f"{tenant}|{made[0]}", "tail": f"{tenant}|{made[1]}"} if made else {"head": None, "tail": None}


def _chunk_key(support: Support) -> str:
    return f"{version_key(support.document_id, support.version)}#{support.chunk_id}"


def _checked(entity_id: str) -> str:
    if not 0 < len(entity_id) <= _LONGEST_ID:
        raise Invalid(f"An entity's id must have 1 to {_LONGEST_ID} characters.")
    return entity_id


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=12).hexdigest()

"""The graph's schema and every Cypher statement on it; the same text runs on ArcadeDB and on Neo4j 5.

    (:Document {tenant, id})                      one version of a document; id = "document_id@version"
      -[:HAS]-> (:Chunk {tenant, id, source})     source names the version across tenants
      -[:SUPPORTS {type, name, properties}]-> (:Entity {tenant, id, type, name, kind, head, tail})
    (:Chunk) -[:STATES]-> (:Entity)               where the chunk's relations begin: finds them again for a removal
    (:Entity) -[:RELATES_TO {key, type, source, needs}]-> (:Entity)
    (:Document) -[:NEEDED_FOR]-> (:Chunk)         a chunk with relations that hold only while the document does

An entity's ``name`` and ``type`` are the least among its supports, so that they do not depend on the order of writes;
an entity that only relations name has neither. ``head`` and ``tail`` are the halves of a name's key, by which a
misspelled one is found (``actors/typos.py``); they follow from the id alone. Neither server needs more than a unique
key per label and four plain indexes; none begins with ``tenant`` alone (a second one that did made lookups forty times
slower).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

PREPARE: Final = (
    "CREATE CONSTRAINT entity_key IF NOT EXISTS FOR (n:Entity) REQUIRE (n.tenant, n.id) IS UNIQUE",
    "CREATE CONSTRAINT chunk_key IF NOT EXISTS FOR (n:Chunk) REQUIRE (n.tenant, n.id) IS UNIQUE",
    "CREATE CONSTRAINT document_key IF NOT EXISTS FOR (n:Document) REQUIRE (n.tenant, n.id) IS UNIQUE",
    "CREATE INDEX entity_kind IF NOT EXISTS FOR (n:Entity) ON (n.kind)",
    "CREATE INDEX entity_head IF NOT EXISTS FOR (n:Entity) ON (n.head)",
    "CREATE INDEX entity_tail IF NOT EXISTS FOR (n:Entity) ON (n.tail)",
    "CREATE INDEX chunk_source IF NOT EXISTS FOR (n:Chunk) ON (n.source)",
)

# ------------------------------------------------------------------------------------------------------------ writes

PUT_CHUNKS: Final = """
UNWIND $rows AS row
MERGE (d:Document {tenant: $tenant, id: row.version_key})
MERGE (c:Chunk {tenant: $tenant, id: row.chunk_key})
ON CREATE SET c.source = row.source, c.document_id = row.document_id, c.version = row.version,
              c.chunk_id = row.chunk_id
MERGE (d)-[:HAS]->(c)
"""

PUT_ENTITIES: Final = """
UNWIND $rows AS row
MERGE (e:Entity {tenant: $tenant, id: row.entity})
ON CREATE SET e.name = row.name, e.type = row.type, e.kind = row.kind, e.head = row.head, e.tail = row.tail
WITH row, e
MATCH (c:Chunk {tenant: $tenant, id: row.chunk_key})
MERGE (c)-[s:SUPPORTS]->(e)
SET s.type = row.type, s.name = row.name, s.properties = row.properties,
    e.name = CASE WHEN e.name = '' OR row.name < e.name THEN row.name ELSE e.name END,
    e.kind = CASE WHEN e.type = '' OR row.type < e.type THEN row.kind ELSE e.kind END,
    e.type = CASE WHEN e.type = '' OR row.type < e.type THEN row.type ELSE e.type END
"""

PUT_ENDS: Final = """
UNWIND $rows AS row
MERGE (e:Entity {tenant: $tenant, id: row.entity})
ON CREATE SET e.name = '', e.type = '', e.kind = row.kind, e.head = row.head, e.tail = row.tail
"""

PUT_RELATIONS: Final = """
UNWIND $rows AS row
MATCH (a:Entity {tenant: $tenant, id: row.from})
MATCH (b:Entity {tenant: $tenant, id: row.to})
MERGE (a)-[r:RELATES_TO {key: row.key}]->(b)
ON CREATE SET r.type = row.type, r.source = row.source, r.document_id = row.document_id, r.version = row.version,
              r.chunk_id = row.chunk_id, r.needs = row.needs, r.needs_document = row.needs_document,
              r.needs_version = row.needs_version
"""

PUT_STATES: Final = """
UNWIND $rows AS row
MATCH (c:Chunk {tenant: $tenant, id: row.chunk_key})
MATCH (a:Entity {tenant: $tenant, id: row.from})
MERGE (c)-[:STATES]->(a)
"""

PUT_NEEDS: Final = """
UNWIND $rows AS row
MERGE (d:Document {tenant: $tenant, id: row.version_key})
WITH d, row
MATCH (c:Chunk {tenant: $tenant, id: row.chunk_key})
MERGE (d)-[:NEEDED_FOR]->(c)
"""

# ------------------------------------------------------------------------------------------------------------- reads


class Table(NamedTuple):
    """A read of many rows, which the server gathers into one record: a record each costs the driver ten times that."""

    statement: str
    columns: tuple[str, ...]

    @classmethod
    def of(cls, match: str, columns: Mapping[str, str]) -> Table:
        return cls(f"{match}RETURN collect([{', '.join(columns.values())}]) AS rows", tuple(columns))


_SUPPORT: Final = {
    "id": "e.id",
    "type": "s.type",
    "name": "s.name",
    "properties": "s.properties",
    "document_id": "c.document_id",
    "version": "c.version",
    "chunk_id": "c.chunk_id",
}

LOOKUP: Final = Table.of(
    """
UNWIND $ids AS id
MATCH (e:Entity {tenant: $tenant, id: id})<-[s:SUPPORTS]-(c:Chunk)
WITH e, s, c LIMIT $limit
""",
    _SUPPORT,
)

# Which documents a read may touch: any, some, or all but some ($documents). Before the limit, so that it is filled.
SCOPES: Final = ("", "WHERE {of}.document_id IN $documents ", "WHERE NOT {of}.document_id IN $documents ")

LOOKUP_EACH: Final = tuple(
    Table.of(
        f"""
UNWIND $ids AS id
MATCH (e:Entity {{tenant: $tenant, id: id}})
CALL {{ WITH e MATCH (e)<-[s:SUPPORTS]-(c:Chunk) {scope.format(of="c")}RETURN s, c LIMIT $each }}
""",
        _SUPPORT,
    )
    for scope in SCOPES
)

BY_TYPE: Final = Table.of(
    """
MATCH (e:Entity {kind: $kind})<-[s:SUPPORTS]-(c:Chunk)
WITH e, s, c LIMIT $limit
""",
    _SUPPORT,
)

_HOP: Final = {
    "from_id": "e.id",
    "from_name": "e.name",
    "relation": "r.type",
    "key": "r.key",
    "to_id": "o.id",
    "to_name": "o.name",
    "to_type": "o.type",
    "document_id": "r.document_id",
    "version": "r.version",
    "chunk_id": "r.chunk_id",
    "needs_document": "r.needs_document",
    "needs_version": "r.needs_version",
}

HOPS: Final = tuple(
    Table.of(
        f"""
UNWIND $ids AS id
MATCH (e:Entity {{tenant: $tenant, id: id}})
CALL {{ WITH e MATCH (e)-[r:RELATES_TO]-(o:Entity) {scope.format(of="r")}RETURN r, o LIMIT $each }}
""",
        _HOP,
    )
    for scope in SCOPES
)

TYPED_HOPS: Final = Table.of(
    """
UNWIND $ids AS id
MATCH (e:Entity {tenant: $tenant, id: id})
CALL { WITH e MATCH (e)-[r:RELATES_TO]-(o:Entity) WHERE r.type IN $relations RETURN r, o LIMIT $each }
""",
    _HOP,
)

FILED: Final = Table.of(
    """
UNWIND $ids AS id
MATCH (e:Entity {tenant: $tenant, id: id})
CALL { WITH e MATCH (e)<-[s:SUPPORTS]-(:Chunk) RETURN DISTINCT s.name AS name LIMIT $each }
""",
    {"id": "e.id", "name": "name"},
)

NEAR: Final = {
    half: Table.of(
        f"""
UNWIND $probes AS probe
CALL {{ WITH probe MATCH (e:Entity {{{half}: probe}}) RETURN e LIMIT $each }}
""",
        {"id": "e.id"},
    )
    for half in ("head", "tail")
}

MENTIONS: Final = Table.of(
    """
UNWIND $ids AS id
MATCH (e:Entity {tenant: $tenant, id: id})
CALL { WITH e MATCH (e)<-[:SUPPORTS]-(c:Chunk) RETURN c LIMIT $each }
""",
    {"document_id": "c.document_id", "version": "c.version", "chunk_id": "c.chunk_id"},
)

COUNT_ENTITIES: Final = """
MATCH (c:Chunk {source: $source})-[s:SUPPORTS]->(e:Entity) WHERE s.type <> 'alias'
RETURN count(DISTINCT e.id) AS n
"""

COUNT_RELATIONS: Final = """
MATCH (c:Chunk {source: $source})-[:STATES]->(a:Entity)
WITH DISTINCT a
MATCH (a)-[r:RELATES_TO]->(:Entity) WHERE r.source = $source
RETURN count(r) AS n
"""

# ----------------------------------------------------------------------------------------------------------- removal

CHUNKS_OF: Final = "MATCH (c:Chunk {source: $source}) RETURN c.id AS id LIMIT $limit"

NEEDING_CHUNKS: Final = """
MATCH (d:Document {tenant: $tenant, id: $version_key})-[:NEEDED_FOR]->(c:Chunk)
RETURN c.id AS id
LIMIT $limit
"""

_STATED = """
UNWIND $chunks AS id
MATCH (c:Chunk {tenant: $tenant, id: id})-[:STATES]->(a:Entity)
WITH DISTINCT a
MATCH (a)-[r:RELATES_TO]->(b:Entity) WHERE r.source = $source
"""

_NEEDING = """
UNWIND $chunks AS id
MATCH (c:Chunk {tenant: $tenant, id: id})-[:STATES]->(a:Entity)
MATCH (a)-[r:RELATES_TO]->(b:Entity) WHERE r.needs = $source AND r.source = c.source AND r.chunk_id = c.chunk_id
"""

ENDS_OF_STATED: Final = _STATED + "RETURN a.id AS start, b.id AS finish"
DELETE_STATED: Final = _STATED + "DELETE r"
ENDS_OF_NEEDING: Final = _NEEDING + "RETURN a.id AS start, b.id AS finish"
DELETE_NEEDING: Final = _NEEDING + "DELETE r"

SUPPORTED: Final = """
UNWIND $chunks AS id
MATCH (c:Chunk {tenant: $tenant, id: id})-[:SUPPORTS|STATES]->(e:Entity)
RETURN DISTINCT e.id AS id
"""

DELETE_CHUNKS: Final = "UNWIND $chunks AS id MATCH (c:Chunk {tenant: $tenant, id: id}) DETACH DELETE c"

# Where a chunk began relations of which none is left: all of them needed what is gone.
SILENT: Final = """
UNWIND $chunks AS id
MATCH (c:Chunk {tenant: $tenant, id: id})-[:STATES]->(a:Entity) WHERE a.id IN $starts
OPTIONAL MATCH (a)-[r:RELATES_TO]->(:Entity) WHERE r.source = c.source AND r.chunk_id = c.chunk_id
WITH c.id AS chunk, a.id AS start, count(r) AS left
WHERE left = 0
RETURN chunk, start
"""

FORGET_SILENT: Final = """
UNWIND $rows AS row
MATCH (c:Chunk {tenant: $tenant, id: row.chunk})-[s:STATES]->(a:Entity) WHERE a.id = row.start
DELETE s
"""

FORGET_NEEDING: Final = """
UNWIND $chunks AS id
MATCH (c:Chunk {tenant: $tenant, id: id})<-[n:NEEDED_FOR]-(d:Document) WHERE d.id = $version_key
DELETE n
"""

DELETE_DOCUMENT: Final = "MATCH (d:Document {tenant: $tenant, id: $version_key}) DETACH DELETE d"

REMAINING: Final = """
UNWIND $ids AS id
MATCH (e:Entity {tenant: $tenant, id: id})
OPTIONAL MATCH (e)<-[s:SUPPORTS]-(:Chunk)
RETURN e.id AS id, e.name AS old_name, e.type AS old_type, count(s) AS supports,
       min(s.name) AS name, min(s.type) AS type
"""

RELATED: Final = """
UNWIND $ids AS id
MATCH (e:Entity {tenant: $tenant, id: id})
CALL { WITH e MATCH (e)-[r:RELATES_TO]-(:Entity) RETURN r LIMIT 1 }
RETURN e.id AS id
"""

DELETE_ENTITIES: Final = "UNWIND $ids AS id MATCH (e:Entity {tenant: $tenant, id: id}) DETACH DELETE e"

RENAME: Final = """
UNWIND $rows AS row
MATCH (e:Entity {tenant: $tenant, id: row.id})
SET e.name = row.name, e.type = row.type, e.kind = row.kind
"""

# That an id is there goes without saying, but said, it lets Neo4j seek in the key's index: it uses none of several
# properties unless all are asked for, and would look at every tenant's nodes.
COUNT_ALL_RELATIONS: Final = """
MATCH (e:Entity)-[r:RELATES_TO]->(:Entity) WHERE e.tenant = $tenant AND e.id IS NOT NULL
RETURN count(r) AS n
"""

DROP: Final = {
    label: (
        f"MATCH (n:{label}) WHERE n.tenant = $tenant AND n.id IS NOT NULL "
        "WITH n LIMIT $limit DETACH DELETE n RETURN count(*) AS n"
    )
    for label in ("Entity", "Chunk", "Document")
}

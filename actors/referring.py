"""Tables whose rows refer to people: a table that leads to the rows of one for staff is for staff as well.

Told by joins found by values (``ingest.join``), so it holds whatever the columns are called: orders that hold customer
numbers are for staff once the customers are there. What the owner said of a document stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter
from sqlalchemy import Connection, and_, select, update

from actors.audience import Audience
from actors.ingest.ports import FoundJoin
from runtime.store.tables import document_versions, documents, typed_sources

_JOIN: TypeAdapter[FoundJoin] = TypeAdapter(FoundJoin)

Reference = tuple[str, str]  # (the document whose rows refer, the one whose rows are referred to)


def keep_for_staff(connection: Connection, tenant: str, joins: Sequence[FoundJoin]) -> None:
    """Mark what refers to people, beginning at the ``joins`` of a version that has just become live."""
    references = _references(joins)
    while references:
        about = _found_for_staff(connection, tenant, {document for pair in references for document in pair})
        turned = {source for source, target in references if about.get(target) and source not in about}
        if not turned:
            return
        connection.execute(
            update(document_versions)
            .where(
                document_versions.c.tenant_id == tenant,
                document_versions.c.document_id.in_(turned),
                document_versions.c.state == "live",
            )
            .values(audience_found=Audience.STAFF)
        )
        references = _references(_every_join(connection, tenant))


def _references(joins: Iterable[FoundJoin]) -> set[Reference]:
    return {
        (join.document_id, join.needs_document_id)
        for join in joins
        if join.by_key and join.needs_document_id and join.needs_document_id != join.document_id
    }


def _found_for_staff(connection: Connection, tenant: str, among: Iterable[str]) -> dict[str, bool]:
    """The live documents of ``among`` that tell of people → whether they are kept for staff, too."""
    columns = document_versions.c
    rows = connection.execute(
        select(columns.document_id, columns.audience_given)
        .join(
            documents,
            and_(
                documents.c.tenant_id == columns.tenant_id,
                documents.c.document_id == columns.document_id,
                documents.c.live_version == columns.version,
            ),
        )
        .where(
            columns.tenant_id == tenant,
            columns.document_id.in_(sorted(among)),
            columns.audience_found == Audience.STAFF,
        )
    )
    return {row.document_id: row.audience_given != Audience.PUBLIC for row in rows}


def _every_join(connection: Connection, tenant: str) -> list[FoundJoin]:
    columns = typed_sources.c
    bodies = connection.execute(
        select(columns.body)
        .join(
            documents,
            and_(
                documents.c.tenant_id == columns.tenant_id,
                documents.c.document_id == columns.document_id,
                documents.c.live_version == columns.version,
            ),
        )
        .where(columns.tenant_id == tenant, columns.role == "join")
    ).scalars()
    return [_JOIN.validate_json(body) for body in bodies]

"""Tables whose rows refer to people: a table that leads to the rows of one for staff is for staff as well.

Told by joins found by values (``ingest.join``), so it holds whatever the columns are called: orders that hold customer
numbers are for staff once the customers are there. What the owner said of a document stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select, update

from actors.audience import Audience
from actors.ingest.ports import FoundJoin
from actors.library import found_joins, is_live
from runtime.store.tables import document_versions, documents

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
        references = _references(found_joins(connection, tenant))


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
        .join(documents, is_live())
        .where(
            columns.tenant_id == tenant,
            columns.document_id.in_(sorted(among)),
            columns.audience_found == Audience.STAFF,
        )
    )
    return {row.document_id: row.audience_given != Audience.PUBLIC for row in rows}

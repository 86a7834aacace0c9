"""Documents that were ingested before they had an audience get one by their kind, and rather staff than public."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from runtime.store import database
from runtime.store.database import migrate, open_engine
from runtime.store.wall import enter, raise_wall

_VERSION = """
INSERT INTO document_versions (tenant_id, document_id, version, job_id, blob_key, filename, media_type, sha256, size,
    title, metadata, state, pages, chunks, entities, relations, parsed_key, error, created_at, updated_at)
VALUES ('acme', :name, 1, 'j', '', 'f', :media_type, '', 0, '', '{}', :state, 0, 0, 0, 0, '', '', 0, 0)
"""
_SOURCE = "INSERT INTO typed_sources VALUES ('acme', 'typed', 1, 0, 'table', '{}')"
_OLD = {
    "mail": ("message/rfc822", "live", "staff"),
    "sheet": ("text/csv", "live", "staff"),
    "typed": ("text/plain", "live", "staff"),
    "policy": ("application/pdf", "live", "public"),
    "waiting": ("application/pdf", "queued", ""),
}


@pytest.mark.parametrize("name", _OLD)
def test_an_old_document_is_told_by_its_kind(name: str, empty_database: str) -> None:
    engine = open_engine(empty_database, pool_size=1)
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    media_type, state, audience = _OLD[name]
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        raise_wall(connection)
        enter(connection, "acme")
        connection.execute(text(_VERSION), {"name": name, "media_type": media_type, "state": state})
        connection.execute(text(_SOURCE))
        connection.commit()
    migrate(engine)
    with engine.connect() as connection:
        enter(connection, "acme")
        found = connection.execute(text("SELECT audience_given, audience_found FROM document_versions")).one()
    engine.dispose()
    assert tuple(found) == ("", audience)

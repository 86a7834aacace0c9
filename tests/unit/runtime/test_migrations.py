"""The migrations make exactly the tables that the statements are written for."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from runtime.store.database import migrate, open_engine
from runtime.store.tables import metadata


def test_the_migrated_schema_is_the_declared_one(database: str) -> None:
    engine = open_engine(database, pool_size=1)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def test_migrating_again_changes_nothing(database: str) -> None:
    engine = open_engine(database, pool_size=1)
    migrate(engine)
    engine.dispose()


def test_every_table_carries_its_tenant_in_a_key() -> None:
    of_the_installation = {"cells", "incarnations", "commit_marks"}
    for table in metadata.tables.values():
        if table.name in of_the_installation:
            continue
        keys = [set(constraint.columns.keys()) for constraint in table.constraints if hasattr(constraint, "columns")]
        assert any("tenant_id" in key for key in keys), table.name

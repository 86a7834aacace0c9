"""Alembic's entry: runs the migrations on the connection that ``runtime.store.database`` hands over.

Held by tests/unit/runtime/test_migrations.py.
"""

from __future__ import annotations

from alembic import context

from runtime.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

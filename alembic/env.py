"""Alembic's entry: runs migrations on the connection that `alpr.store.migrations` hands over.

`alembic` on the command line is not needed: the product applies its migrations when it starts.
"""

from __future__ import annotations

from alembic import context

from alpr.store.schema import metadata

connection = context.config.attributes["connection"]
# SQLite alters tables by building them anew (batch); its DDL is transactional, which Alembic does not assume.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()

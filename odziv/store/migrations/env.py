"""Alembic's entry: migrates the connection that `store.migrate` hands over."""

from alembic import context

from odziv.store.schema import metadata

connection = context.config.attributes["connection"]
# SQLite can't alter most things in place, so batch mode copies the table; elsewhere it is a plain ALTER.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()

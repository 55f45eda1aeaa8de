"""Runs the steps within the transaction that `directory.migrate` has open. Executed by Alembic, never imported."""

from __future__ import annotations

from alembic import context

from rosterdesk.directory.migrate import VERSION_TABLE
from rosterdesk.directory.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
with context.begin_transaction():
    context.run_migrations()

"""Runs migrations on the connection that `Database.migrate` hands over, in its transaction."""

from alembic import context

from lib.registry.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction and lock already hold
)
context.run_migrations()

"""What Alembic runs a migration by: over the connection, and in the transaction, it is given."""

from alembic import context

from tenantry.cost.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

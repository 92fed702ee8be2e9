"""The migration of a database, as far as the local cloud plays it: no container runs, so no Alembic does."""

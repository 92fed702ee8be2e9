"""Plays the migration of a database: no container runs in the local cloud, and so no Alembic."""

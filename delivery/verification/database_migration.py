"""Checks that the environment's database was migrated: a complete Job may have migrated one that was dropped since."""

from collections.abc import Iterator

import psycopg

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Check
from delivery.verification.database import Login

# Where Alembic records what it has run: https://alembic.sqlalchemy.org/en/latest/api/runtime.html
_TABLE = "alembic_version"


def checks(target: Target) -> Iterator[Check]:
    """Check the migration's record in the database."""
    names = target.names
    yield Check(
        name="database migrated",
        run=lambda: is_migrated(Login.read(target)),
        expected=f"a revision in the table {_TABLE} of {names.database}",
        look=f"kubectl -n {names.namespace} logs job/{names.migration_job}; if it ran on a database that is gone, "
        f"kubectl -n {names.namespace} delete job {names.migration_job}, then deploy: it runs again",
        waits=True,
        reads_secrets=True,
    )


def is_migrated(login: Login) -> str:
    """Return the database's revision. Raises CheckError if no migration has recorded one."""
    with login.session() as connection:
        try:
            rows = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()
        except psycopg.errors.UndefinedTable:
            raise CheckError(f"{login.database} has no table {_TABLE}: no migration has run on it") from None
        except psycopg.errors.InsufficientPrivilege as error:
            raise CheckError(f"{login.user} cannot read {_TABLE}: {error.diag.message_primary}") from None
    if not rows:
        raise CheckError(f"the table {_TABLE} of {login.database} is empty: no migration has finished")
    return f"{login.database} is at revision {', '.join(revision for (revision,) in rows)}"

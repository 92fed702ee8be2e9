"""The checks of migrated and unmigrated databases."""

from collections.abc import Iterator

import pytest

from delivery.account.error import CheckError
from delivery.verification.database import Login
from delivery.verification.database_migration import is_migrated
from tests.delivery.database_server import DATABASE, ROLE


@pytest.fixture
def migrated(login: Login) -> Iterator[None]:
    with login.connect() as connection:
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('6a4b21705b13')")
    yield
    with login.connect() as connection:
        connection.execute("DROP TABLE alembic_version")


@pytest.mark.usefixtures("migrated")
def test_a_migrated_database_is_right(login: Login) -> None:
    assert is_migrated(login) == f"{DATABASE} is at revision 6a4b21705b13"


@pytest.mark.usefixtures("migrated")
def test_two_revision_branches_are_both_reported(login: Login) -> None:
    with login.connect() as connection:
        connection.execute("INSERT INTO alembic_version VALUES ('7b')")
    assert is_migrated(login) == f"{DATABASE} is at revision 6a4b21705b13, 7b"


def test_an_unmigrated_new_database_is_reported(login: Login) -> None:
    with pytest.raises(CheckError, match=f"{DATABASE} has no table alembic_version: no migration has run"):
        is_migrated(login)


@pytest.mark.usefixtures("migrated")
def test_a_reverted_migration_is_reported(login: Login) -> None:
    with login.connect() as connection:
        connection.execute("DELETE FROM alembic_version")
    with pytest.raises(CheckError, match=f"alembic_version of {DATABASE} is empty"):
        is_migrated(login)


def test_a_table_the_login_may_not_read_is_reported(login: Login) -> None:
    with login.connect() as connection:
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        connection.execute(f"REVOKE ALL ON alembic_version FROM {ROLE}".encode())
    with pytest.raises(CheckError, match=f"{ROLE} cannot read alembic_version: permission denied"):
        is_migrated(login)
    with login.connect() as connection:
        connection.execute("DROP TABLE alembic_version")

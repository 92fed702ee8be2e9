"""What the verification says of who else reaches the database."""

from collections.abc import Iterator

import pytest

from delivery.account.error import CheckError
from delivery.verification.database import Login
from delivery.verification.database_access import admits_no_other_role, has_no_other_member
from local.postgresql.server import Postgres
from tests.delivery.database_server import DATABASE, ROLE, broken

pytestmark = pytest.mark.usefixtures("administrator", "stranger")
ADMINISTRATOR, STRANGER = "administrator", "stranger"


@pytest.fixture
def administrator(postgres: Postgres) -> Iterator[None]:
    """As a deployment leaves it: a member of the role, with CONNECT of its own."""
    made = (
        f"CREATE ROLE {ADMINISTRATOR}; GRANT {ROLE} TO {ADMINISTRATOR};"
        f" GRANT CONNECT ON DATABASE {DATABASE} TO {ADMINISTRATOR}"
    )
    gone = f"REVOKE ALL ON DATABASE {DATABASE} FROM {ADMINISTRATOR}; DROP ROLE {ADMINISTRATOR}"
    with broken(postgres, made, gone):
        yield


@pytest.fixture
def stranger(postgres: Postgres) -> Iterator[None]:
    with broken(postgres, f"CREATE ROLE {STRANGER}", f"DROP ROLE {STRANGER}"):
        yield


def test_the_administrator_as_the_only_member_is_accepted(login: Login) -> None:
    assert has_no_other_member(login, administrator=ADMINISTRATOR) == f"only {ADMINISTRATOR} is a member of {ROLE}"
    said = admits_no_other_role(login, administrator=ADMINISTRATOR)
    assert said == f"only {ROLE} and {ADMINISTRATOR} may connect to {DATABASE}"


def test_another_member_is_named_and_may_connect(postgres: Postgres, login: Login) -> None:
    with broken(postgres, f"GRANT {ROLE} TO {STRANGER}", f"REVOKE {ROLE} FROM {STRANGER}"):
        with pytest.raises(CheckError, match=f"^{STRANGER} is a member$"):
            has_no_other_member(login, administrator=ADMINISTRATOR)
        with pytest.raises(CheckError, match=f"^{STRANGER} may connect$"):
            admits_no_other_role(login, administrator=ADMINISTRATOR)


def test_another_role_that_may_connect_is_named(postgres: Postgres, login: Login) -> None:
    opened = f"GRANT CONNECT ON DATABASE {DATABASE} TO {STRANGER}"
    with (
        broken(postgres, opened, f"REVOKE CONNECT ON DATABASE {DATABASE} FROM {STRANGER}"),
        pytest.raises(CheckError, match=f"^{STRANGER} may connect$"),
    ):
        admits_no_other_role(login, administrator=ADMINISTRATOR)


@pytest.mark.parametrize(
    "emptied", [f"REVOKE {ROLE} FROM {ADMINISTRATOR}", f"GRANT {ROLE} TO {ADMINISTRATOR} WITH INHERIT FALSE"]
)
def test_an_administrator_without_the_roles_permissions_is_named(
    postgres: Postgres, login: Login, emptied: str
) -> None:
    restored = f"GRANT {ROLE} TO {ADMINISTRATOR} WITH INHERIT TRUE"
    with (
        broken(postgres, emptied, restored),
        pytest.raises(CheckError, match=f"the administrator {ADMINISTRATOR} has not its rights"),
    ):
        has_no_other_member(login, administrator=ADMINISTRATOR)

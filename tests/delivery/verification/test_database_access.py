"""The checks of other logins' access to the database."""

from collections.abc import Iterator

import pytest

from delivery.account.error import CheckError
from delivery.verification.database import Login
from delivery.verification.database_access import admits_no_other_role, has_no_other_member
from local.postgresql.server import Postgres
from tests.delivery.database_server import DATABASE, ROLE, broken

pytestmark = pytest.mark.usefixtures("delivery", "stranger")
ADMINISTRATOR, DEPLOYER, PLANNER, STRANGER = "administrator", "deployer", "planner", "stranger"


@pytest.fixture
def delivery(postgres: Postgres) -> Iterator[None]:
    """The roles as after bootstrap and a deploy, but without LOGIN."""
    made = (
        f"CREATE ROLE {DEPLOYER}; GRANT {ROLE} TO {DEPLOYER} WITH ADMIN OPTION;"
        f"CREATE ROLE {ADMINISTRATOR}; GRANT {DEPLOYER} TO {ADMINISTRATOR};"
        f"CREATE ROLE {PLANNER}; GRANT CONNECT ON DATABASE {DATABASE} TO {PLANNER}"
    )
    gone = (
        f"REVOKE ALL ON DATABASE {DATABASE} FROM {PLANNER};"
        f"DROP ROLE {PLANNER}; DROP ROLE {ADMINISTRATOR}; DROP ROLE {DEPLOYER}"
    )
    with broken(postgres, made, gone):
        yield


@pytest.fixture
def stranger(postgres: Postgres) -> Iterator[None]:
    with broken(postgres, f"CREATE ROLE {STRANGER}", f"DROP ROLE {STRANGER}"):
        yield


def members(login: Login) -> str:
    return has_no_other_member(login, deployer=DEPLOYER, administrator=ADMINISTRATOR)


def admitted(login: Login) -> str:
    return admits_no_other_role(login, allowed=[DEPLOYER, PLANNER, f"{PLANNER}_1"], administrator=ADMINISTRATOR)


@pytest.mark.parametrize("also", ["", f"; GRANT {ROLE} TO {ADMINISTRATOR}"], ids=["", "the administrator directly too"])
def test_the_deployer_and_the_administrator_are_accepted(postgres: Postgres, login: Login, also: str) -> None:
    with broken(postgres, f"SELECT 1{also}", f"REVOKE {ROLE} FROM {ADMINISTRATOR}"):
        said = members(login)
        assert said == f"{DEPLOYER} has the permissions of {ROLE}; the only other member is the administrator"
        said = admitted(login)
        assert said == f"only {ROLE}, its deployer and planner, and {ADMINISTRATOR} may connect to {DATABASE}"


def test_another_member_is_reported_and_may_connect(postgres: Postgres, login: Login) -> None:
    with broken(postgres, f"GRANT {ROLE} TO {STRANGER}", f"REVOKE {ROLE} FROM {STRANGER}"):
        with pytest.raises(CheckError, match=f"^{STRANGER} is a member$"):
            members(login)
        with pytest.raises(CheckError, match=f"^{STRANGER} may connect$"):
            admitted(login)


@pytest.mark.parametrize("group", [DEPLOYER, PLANNER])
def test_a_login_not_made_by_bootstrap_is_reported(postgres: Postgres, login: Login, group: str) -> None:
    with (
        broken(postgres, f"GRANT {group} TO {STRANGER}", f"REVOKE {group} FROM {STRANGER}"),
        pytest.raises(CheckError, match=f"^{STRANGER} may connect$"),
    ):
        admitted(login)


def test_another_role_that_may_connect_is_reported(postgres: Postgres, login: Login) -> None:
    opened = f"GRANT CONNECT ON DATABASE {DATABASE} TO {STRANGER}"
    with (
        broken(postgres, opened, f"REVOKE CONNECT ON DATABASE {DATABASE} FROM {STRANGER}"),
        pytest.raises(CheckError, match=f"^{STRANGER} may connect$"),
    ):
        admitted(login)


@pytest.mark.parametrize(
    ("emptied", "named"),
    [
        (f"REVOKE {ROLE} FROM {DEPLOYER}", f"^{DEPLOYER} does not have its permissions, {DEPLOYER} may not grant it$"),
        (f"GRANT {ROLE} TO {DEPLOYER} WITH INHERIT FALSE", f"^{DEPLOYER} does not have its permissions$"),
        (f"GRANT {ROLE} TO {DEPLOYER} WITH SET FALSE", f"^{DEPLOYER} does not have its permissions$"),
        (f"REVOKE ADMIN OPTION FOR {ROLE} FROM {DEPLOYER}", f"^{DEPLOYER} may not grant it$"),
    ],
)
def test_a_deployer_without_its_privileges_is_reported(
    postgres: Postgres, login: Login, emptied: str, named: str
) -> None:
    restored = f"GRANT {ROLE} TO {DEPLOYER} WITH ADMIN TRUE, INHERIT TRUE, SET TRUE"
    with broken(postgres, emptied, restored), pytest.raises(CheckError, match=named):
        members(login)

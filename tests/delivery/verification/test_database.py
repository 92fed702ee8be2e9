"""The checks of DB_URL, and of a real PostgreSQL server behind it."""

import secrets
from urllib.parse import quote

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Caution
from delivery.verification.database import (
    Login,
    checks,
    has_extensions,
    is_closed_to_public,
    is_ordinary_role,
    login_succeeds,
    owns_database,
    refuses,
)
from local.postgresql.server import Postgres
from modules.model.names import Names
from modules.model.selected_settings import settings_of
from tests.delivery.database_server import (
    DATABASE,
    PASSWORD,
    ROLE,
    SIBLING,
    address,
    broken,
    login_of,
)


def test_checks_with_core_apis_login_are_skipped_for_the_plan_role() -> None:
    settings = settings_of("built")
    staging, shared = settings.find("staging"), settings.shared
    session = boto3.Session(region_name=shared.region)
    target = Target(environment=staging, shared=shared, names=Names.of(staging, shared), local=True, session=session)
    made = {check.name: check.reads_secrets for check in checks(target)}
    assert "database extensions" in made
    assert all(made.values()), made


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_url_round_trips_any_login(user: str, password: str) -> None:
    url = f"postgresql+psycopg://{quote(user, safe='')}:{quote(password, safe='')}@db.example:5432/core?sslmode=require"
    login = Login.parse(url)
    assert (login.user, login.password) == (user, password)
    assert (login.host, login.port, login.database, login.sslmode) == ("db.example", 5432, "core", "require")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql+psycopg://user:{}@host:5432/db",
        "postgresql+psycopg://user:{}@host/db?sslmode=require",
        "postgresql+psycopg://user:{}@host:5432?sslmode=require",
        "postgresql+psycopg://user:{}@:5432/db?sslmode=require",
        "postgresql+psycopg://{}@host:5432/db?sslmode=require",
        "postgresql://user:{}@host:5432/db?sslmode=require",
        "postgresql+psycopg://user:{}/more@host:5432/db?sslmode=require",
        "postgresql+psycopg://user:{}[@host:5432/db?sslmode=require",
    ],
)
def test_a_malformed_url_is_refused_without_printing_any_of_it(url: str) -> None:
    password = secrets.token_hex(16)
    with pytest.raises(CheckError) as refused:
        Login.parse(url.format(password))
    assert "not of the form" in str(refused.value)
    assert not any(password[start : start + 4] in str(refused.value) for start in range(len(password) - 3))
    assert refused.value.__cause__ is None


def test_a_login_does_not_show_its_password() -> None:
    assert PASSWORD not in repr(login_of(5432))


def test_a_login_over_tls_to_the_named_database_is_accepted(postgres: Postgres, login: Login) -> None:
    said = login_succeeds(login, address=address(postgres), role=ROLE, database=DATABASE)
    assert said.startswith(f"{ROLE} in {DATABASE} over TLS")


def test_a_login_to_another_server_database_or_role_is_reported(postgres: Postgres, login: Login) -> None:
    with pytest.raises(CheckError, match=r"the server is at 192\.0\.2\.1:5432"):
        login_succeeds(login, address=("192.0.2.1", 5432), role=ROLE, database=DATABASE)
    elsewhere = login_of(postgres.port, database=SIBLING)
    with pytest.raises(CheckError, match=f"logs in to {SIBLING} as {ROLE}"):
        login_succeeds(elsewhere, address=address(postgres), role=ROLE, database=DATABASE)
    with pytest.raises(CheckError, match=f"logs in to {DATABASE} as {ROLE}"):
        login_succeeds(login, address=address(postgres), role="mosaic_prod", database=DATABASE)


def test_an_owner_who_can_create_a_table_is_accepted_and_no_table_is_left(postgres: Postgres, login: Login) -> None:
    assert "can create a table" in owns_database(login)
    with login.connect() as connection:
        tables = connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == []


def test_another_owner_is_reported(postgres: Postgres, login: Login) -> None:
    taken = f"ALTER DATABASE {DATABASE} OWNER TO rdsadmin; GRANT CONNECT ON DATABASE {DATABASE} TO {ROLE}"
    returned = f"REVOKE CONNECT ON DATABASE {DATABASE} FROM {ROLE}; ALTER DATABASE {DATABASE} OWNER TO {ROLE}"
    with broken(postgres, taken, returned), pytest.raises(CheckError, match="the owner is rdsadmin"):
        owns_database(login)


def test_an_owner_who_cannot_create_a_table_is_reported(postgres: Postgres, login: Login) -> None:
    def own(statement: str) -> None:
        with login.connect() as connection:
            connection.execute(statement.encode())

    own("REVOKE CREATE ON SCHEMA public FROM pg_database_owner")
    try:
        with pytest.raises(CheckError, match="cannot create a table: permission denied for schema public"):
            owns_database(login)
    finally:
        own("GRANT CREATE ON SCHEMA public TO pg_database_owner")


def test_an_ordinary_role_is_accepted(login: Login) -> None:
    assert is_ordinary_role(login) == f"{ROLE} is an ordinary role, not a member of any role"


def test_a_previews_role_is_a_member_of_only_the_seed(postgres: Postgres, login: Login) -> None:
    seed = "mosaic_preview_seed"
    with broken(postgres, f"CREATE ROLE {seed}; GRANT {seed} TO {ROLE}", f"DROP ROLE {seed}"):
        assert is_ordinary_role(login, seed=seed).endswith(f"not a member of any role but {seed}")
        with pytest.raises(CheckError, match=f"membership of {seed}"):
            is_ordinary_role(login)


@pytest.mark.parametrize("attribute", ["SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS"])
def test_a_role_attribute_is_reported(postgres: Postgres, login: Login, attribute: str) -> None:
    change = f"ALTER ROLE {ROLE} {attribute}", f"ALTER ROLE {ROLE} NO{attribute}"
    with broken(postgres, *change), pytest.raises(CheckError, match=f"has {attribute}$"):
        is_ordinary_role(login)


def test_a_role_membership_is_reported(postgres: Postgres, login: Login) -> None:
    change = f"GRANT pg_monitor TO {ROLE}", f"REVOKE pg_monitor FROM {ROLE}"
    with broken(postgres, *change), pytest.raises(CheckError, match="membership of pg_monitor"):
        is_ordinary_role(login)


def test_a_database_that_public_cannot_connect_to_is_accepted(login: Login) -> None:
    assert is_closed_to_public(login) == f"PUBLIC cannot connect to {DATABASE}"


def test_a_database_that_public_can_connect_to_is_reported(postgres: Postgres, login: Login) -> None:
    change = f"GRANT CONNECT ON DATABASE {DATABASE} TO PUBLIC", f"REVOKE CONNECT ON DATABASE {DATABASE} FROM PUBLIC"
    with broken(postgres, *change), pytest.raises(CheckError, match="PUBLIC has CONNECT on core_staging"):
        is_closed_to_public(login)


def test_a_sibling_not_yet_closed_is_a_caution_with_the_remedy(login: Login) -> None:
    said = refuses(login, SIBLING, remedy="deploy prod")
    assert said == Caution(f"admits {ROLE}: PUBLIC still has CONNECT, PostgreSQL's default; deploy prod")


def test_a_database_without_its_own_deploy_must_be_closed(login: Login) -> None:
    with pytest.raises(CheckError, match=f"it admits {ROLE}; PUBLIC has CONNECT, TEMPORARY"):
        refuses(login, "postgres", remedy=None)


def test_a_closed_sibling_is_accepted(postgres: Postgres, login: Login) -> None:
    change = (
        f"REVOKE ALL ON DATABASE {SIBLING} FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {SIBLING} TO PUBLIC",
    )
    with broken(postgres, *change):
        assert refuses(login, SIBLING, remedy="") == f"{ROLE} is refused"


@pytest.mark.parametrize(("grantee", "public"), [("PUBLIC", "CONNECT"), (ROLE, "nothing")])
def test_a_sibling_reopened_after_closing_is_reported(
    postgres: Postgres, login: Login, grantee: str, public: str
) -> None:
    opened = f"REVOKE ALL ON DATABASE {SIBLING} FROM PUBLIC; GRANT CONNECT ON DATABASE {SIBLING} TO {grantee}"
    as_before = (
        f"REVOKE ALL ON DATABASE {SIBLING} FROM {grantee}; GRANT CONNECT, TEMPORARY ON DATABASE {SIBLING} TO PUBLIC"
    )
    with broken(postgres, opened, as_before), pytest.raises(CheckError, match=f"admits {ROLE}; PUBLIC has {public}"):
        refuses(login, SIBLING, remedy="")


def test_a_refusal_for_another_reason_proves_nothing(postgres: Postgres, login: Login) -> None:
    change = f"ALTER DATABASE {SIBLING} ALLOW_CONNECTIONS false", f"ALTER DATABASE {SIBLING} ALLOW_CONNECTIONS true"
    with broken(postgres, *change), pytest.raises(CheckError, match="not for lack of CONNECT"):
        refuses(login, SIBLING, remedy="")


def test_a_missing_sibling_is_accepted(login: Login) -> None:
    assert refuses(login, "core_preview", remedy="") == "does not exist"


def test_each_missing_extension_is_reported(login: Login) -> None:
    assert has_extensions(login, ("plpgsql",)) == f"{DATABASE} has plpgsql"
    with pytest.raises(CheckError, match=rf"^{DATABASE} has no vector, pg_trgm$"):
        has_extensions(login, ("plpgsql", "vector", "pg_trgm"))

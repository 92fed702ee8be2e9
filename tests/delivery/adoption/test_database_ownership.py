"""The environment takes ownership of production's hand-made database from the server's administrator."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import urllib3
from moto.rds.models import DBCluster
from moto.server import ThreadedMotoServer

from delivery.account.administrator import log_in_as_administrator
from delivery.account.target import Target
from delivery.adoption.database_ownership import DatabaseOwnership
from delivery.adoption.error import AdoptionError
from delivery.commands.adopt import adopt
from delivery.preflight import adopted_database
from environments.schema.adoption import Adoption
from environments.schema.database import Database
from local.postgresql.server import ADMINISTRATOR, Postgres
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.database_server import running_server

DATABASE, ROLE, FORMER, OUTSIDER = "mosaic", "mosaic_prod", "former_login", "outsider"
PASSWORD = secrets.token_urlsafe(24)
STEP = DatabaseOwnership()
# Typical objects of an older application: some made by migrations, some by hand.
OBJECTS = """
CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION pg_trgm; CREATE EXTENSION vector;
CREATE SCHEMA "Reports";
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE address AS (street text, town text);
CREATE TYPE span AS RANGE (subtype = date);
CREATE DOMAIN short AS varchar(20) CHECK (length(VALUE) > 1);
CREATE TABLE stories (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number serial, title short NOT NULL, mood mood, home address,
    embedding vector(3), uuid uuid DEFAULT uuid_generate_v4()
);
CREATE INDEX stories_title ON stories USING gin ((title::text) gin_trgm_ops);
CREATE TABLE years (year int, title text) PARTITION BY RANGE (year);
CREATE TABLE years_old PARTITION OF years FOR VALUES FROM (0) TO (2000);
CREATE TABLE "Reports"."Odd ""na""me" (story bigint REFERENCES stories);
CREATE SEQUENCE invoice;
CREATE VIEW titles AS SELECT title FROM stories;
CREATE MATERIALIZED VIEW moods AS SELECT mood, count(*) FROM stories GROUP BY mood;
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql AS 'SELECT upper($1)';
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE PROCEDURE nothing(INOUT number int DEFAULT 1) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE TRIGGER touched BEFORE UPDATE ON stories FOR EACH ROW EXECUTE FUNCTION touched();
CREATE STATISTICS title_and_mood ON title, mood FROM stories;
CREATE COLLATION plain FROM "C";
CREATE TEXT SEARCH CONFIGURATION simple_words (COPY = simple);
INSERT INTO stories (title, mood, home, embedding) SELECT 'story ' || n, 'happy', ROW('A', 'B')::address, '[1,2,3]'
    FROM generate_series(1, 50) AS n;
INSERT INTO years VALUES (1999, 'then');
INSERT INTO "Reports"."Odd ""na""me" SELECT id FROM stories;
REFRESH MATERIALIZED VIEW moods;
SELECT lo_create(0);
"""
CONTENTS = (
    "SELECT * FROM stories ORDER BY id",
    "SELECT * FROM years",
    'SELECT * FROM "Reports"."Odd ""na""me" ORDER BY 1',
    "SELECT * FROM moods",
    "SELECT last_value, is_called FROM stories_id_seq",
    "SELECT count(*) FROM titles",
)
# Everything in the database that initdb did not make: other objects' ids start at 16384.
OWNERS = """
    SELECT DISTINCT pg_get_userbyid(owner) FROM (
        SELECT 'pg_class'::regclass, oid, relowner FROM pg_class WHERE relkind <> 't'
        UNION ALL SELECT 'pg_proc'::regclass, oid, proowner FROM pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, typowner FROM pg_type
        UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner FROM pg_namespace
        UNION ALL SELECT 'pg_collation'::regclass, oid, collowner FROM pg_collation
        UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner FROM pg_ts_config
        UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxowner FROM pg_statistic_ext
        UNION ALL SELECT 'pg_largeobject_metadata'::regclass, oid, lomowner FROM pg_largeobject_metadata
        UNION ALL SELECT 'pg_database'::regclass, oid, datdba FROM pg_database WHERE datname = current_database()
    ) AS every (class, id, owner)
    WHERE id >= 16384 AND id NOT IN (
        SELECT objid FROM pg_depend WHERE classid = class AND deptype = 'e'
    )
    -- The types of an extension's tables and its arrays, and a range's constructors, which are the server's own.
    AND id NOT IN (SELECT objid FROM pg_depend WHERE classid = class AND deptype = 'i' AND (
        class = 'pg_proc'::regclass
        OR refobjid IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
    ))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server with an administrator like RDS's, a login that the administrator made, and one made by somebody else."""
    with running_server() as server:
        server.set_administrator(PASSWORD)
        with server.connect_as_superuser() as connection:
            connection.execute(f"CREATE ROLE {OUTSIDER}".encode())
        with session(server, database="postgres") as connection:
            connection.execute(f"CREATE ROLE {FORMER} LOGIN PASSWORD '{PASSWORD}'".encode())
        yield server


@pytest.fixture(scope="module")
def aws(server: Postgres) -> Iterator[None]:
    """The account as built: the administrator's login is in a hand-made secret."""
    with pytest.MonkeyPatch.context() as patch:
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        host, port = moto.get_host_and_port()
        urllib3.request("POST", f"http://{host}:{port}/moto-api/reset")
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            patch.setenv(name, value)
        patch.setattr(DBCluster, "endpoint", property(lambda _: "127.0.0.1"))
        target = target_of()
        target.session.client("rds").create_db_cluster(
            DBClusterIdentifier=SHARED.database_server.name,
            Engine=SHARED.database_server.engine,
            Port=server.port,
            MasterUsername=ADMINISTRATOR,
            MasterUserPassword=PASSWORD,
        )
        login = {"username": ADMINISTRATOR, "password": PASSWORD, "dbname": DATABASE}
        path = str(SHARED.database_server.administrator_secret)
        target.secrets_manager.create_secret(Name=path, SecretString=json.dumps(login))
        yield
        moto.stop()


@pytest.fixture
def target(aws: None, server: Postgres) -> Iterator[Target]:
    """Production with its hand-made database."""
    with session(server, database="postgres") as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}".encode())
    execute(server, OBJECTS)
    yield target_of()
    with server.connect_as_superuser() as connection:
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())
        connection.execute(f"DROP ROLE IF EXISTS {ROLE}".encode())


def target_of(adopt: Adoption = ("database", "database-role"), role: str = ROLE) -> Target:
    database = Database(name=DATABASE, role=role, credentials_path="mosaic/prod/core-api/database")
    prod = SETTINGS.find("prod").model_copy(update={"database": database, "adopt": adopt})
    return Target.of(prod, SHARED, {})


@contextmanager
def session(server: Postgres, user: str = ADMINISTRATOR, database: str = DATABASE) -> Iterator[psycopg.Connection]:
    with server.connect(user=user, password=PASSWORD, database=database) as connection:
        yield connection


def execute(server: Postgres, statements: str, *, user: str = ADMINISTRATOR) -> None:
    with session(server, user) as connection:
        connection.execute(statements.encode())


def contents(server: Postgres) -> list[list[tuple[object, ...]]]:
    with session(server) as connection:
        return [connection.execute(query.encode()).fetchall() for query in CONTENTS]


def owners(server: Postgres) -> set[str]:
    with session(server) as connection:
        return {name for (name,) in connection.execute(OWNERS.encode())}


def everything(server: Postgres) -> dict[str, list[tuple[object, ...]]]:
    """All ownerships and role memberships."""
    with session(server) as connection:
        return {
            "owners": connection.execute(
                "SELECT classid, objid, refobjid FROM pg_shdepend WHERE deptype = 'o' ORDER BY 1, 2"
            ).fetchall(),
            "roles": connection.execute("SELECT oid, rolname, rolcanlogin FROM pg_roles ORDER BY 1").fetchall(),
            "members": connection.execute(
                "SELECT roleid, member, grantor, admin_option, inherit_option, set_option FROM pg_auth_members"
                " ORDER BY 1, 2, 3"
            ).fetchall(),
        }


def stored_password(server: Postgres) -> object:
    with server.connect_as_superuser() as connection:
        return connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [ADMINISTRATOR]).fetchone()


def test_the_role_becomes_owner_of_everything_except_extensions(server: Postgres, target: Target) -> None:
    rows, password = contents(server), stored_password(server)
    assert owners(server) == {ADMINISTRATOR}
    STEP.apply(target)
    assert owners(server) == {ROLE}
    assert contents(server) == rows
    assert stored_password(server) == password
    with session(server) as connection:
        owner = connection.execute(
            "SELECT extowner::regrole::text FROM pg_extension WHERE extname = 'vector'"
        ).fetchone()
    assert owner == (ADMINISTRATOR,)


def test_the_preview_lists_objects_by_kind_and_owner(server: Postgres, target: Target) -> None:
    before = everything(server)
    lines = STEP.changes(target)
    assert everything(server) == before
    assert lines[:3] == [
        f"create the role {ROLE}; the next deploy lets it log in, with a password of its own",
        f"grant {ROLE} to {ADMINISTRATOR}, so that whatever runs as {ADMINISTRATOR} keeps working",
        f"transfer the database {DATABASE} from {ADMINISTRATOR} to {ROLE}",
    ]
    assert f'transfer to {ROLE}, from {ADMINISTRATOR}: schema "Reports"' in lines
    assert f"transfer to {ROLE}, from {ADMINISTRATOR}: sequence public.invoice" in lines
    assert not [line for line in lines if "extension" in line or "vector" in line]


def test_a_second_run_changes_nothing(server: Postgres, target: Target) -> None:
    STEP.apply(target)
    assert STEP.changes(target) == []
    before = everything(server)
    STEP.apply(target)
    assert everything(server) == before


def test_the_administrator_keeps_access(server: Postgres, target: Target) -> None:
    """The running application logs in as the administrator."""
    STEP.apply(target)
    with session(server) as connection:
        inserted = connection.execute("INSERT INTO stories (title) VALUES ('later') RETURNING number").fetchone()
        assert inserted == (51,)
        connection.execute("UPDATE stories SET title = shout(title) WHERE id = 1")
        connection.execute("REFRESH MATERIALIZED VIEW moods")
        connection.execute("ALTER TABLE stories ADD COLUMN by_the_old_application text")
        connection.execute("CREATE TABLE made_meanwhile (id int)")
    assert STEP.changes(target) == [f"transfer to {ROLE}, from {ADMINISTRATOR}: table public.made_meanwhile"]
    STEP.apply(target)
    assert owners(server) == {ROLE}


def test_a_member_login_can_migrate(server: Postgres, target: Target) -> None:
    STEP.apply(target)
    # Like the deploy.
    with session(server) as connection:
        connection.execute(f"ALTER ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'".encode())
    execute(
        server,
        """
        CREATE EXTENSION IF NOT EXISTS vector;
        ALTER TABLE stories ADD COLUMN teller text DEFAULT 'nobody';
        CREATE INDEX stories_teller ON stories (teller);
        ALTER TYPE mood ADD VALUE 'proud';
        CREATE OR REPLACE FUNCTION shout(text) RETURNS text LANGUAGE sql AS 'SELECT upper($1) || ''!''';
        DROP VIEW titles;
        DROP TABLE "Reports"."Odd ""na""me";
        DROP SCHEMA "Reports";
        CREATE TABLE chapters (id bigint GENERATED ALWAYS AS IDENTITY, story bigint REFERENCES stories);
        """,
        user=ROLE,
    )
    with session(server, user=ROLE) as connection:
        assert connection.execute("SELECT count(*) FROM stories WHERE teller = 'nobody'").fetchone() == (50,)


def test_a_former_logins_objects_move_too_and_its_memberships_stay(server: Postgres, target: Target) -> None:
    execute(server, f"GRANT CREATE ON SCHEMA public TO {FORMER}")
    execute(server, "CREATE TABLE notes (id serial, text text)", user=FORMER)
    members = everything(server)["members"]
    assert f"transfer to {ROLE}, from {FORMER}: table public.notes" in STEP.changes(target)
    STEP.apply(target)
    assert owners(server) == {ROLE}
    assert [row for row in everything(server)["members"] if row in members] == members


def test_an_owner_the_administrator_cannot_act_for_is_reported_and_nothing_changes(
    server: Postgres, target: Target
) -> None:
    with server.connect_as_superuser() as connection:
        connection.execute(f"GRANT {OUTSIDER} TO {ADMINISTRATOR}".encode())
    execute(
        server,
        f"CREATE TABLE theirs (); GRANT CREATE ON SCHEMA public TO {OUTSIDER}",
    )
    execute(server, f"ALTER TABLE theirs OWNER TO {OUTSIDER}")
    with server.connect_as_superuser() as connection:
        connection.execute(f"REVOKE {OUTSIDER} FROM {ADMINISTRATOR}".encode())
    before = everything(server)
    for attempt in (STEP.changes, STEP.apply):
        with pytest.raises(AdoptionError, match=rf"^table public\.theirs belongs to {OUTSIDER}.*GRANT {OUTSIDER} TO"):
            attempt(target)
    assert everything(server) == before


def test_an_interrupted_step_changes_nothing(server: Postgres, target: Target) -> None:
    """Here the last object is in use, so waiting for its table's lock times out."""
    before = everything(server)
    with session(server) as other, other.transaction():
        other.execute("LOCK TABLE years IN ACCESS SHARE MODE")
        with pytest.raises(AdoptionError, match=r"^an object of mosaic was in use .*nothing has changed: run it again"):
            STEP.apply(target)
        assert everything(server) == before
    STEP.apply(target)
    assert owners(server) == {ROLE}


def test_a_role_is_not_created_unless_the_settings_adopt_it(target: Target) -> None:
    with pytest.raises(AdoptionError, match=r'adopt has "database" without "database-role".*allowed: both'):
        STEP.changes(target_of(adopt=("database",)))


def test_the_administrator_cannot_be_an_environments_role(target: Target) -> None:
    with pytest.raises(AdoptionError, match=rf"'{ADMINISTRATOR}' is the database server's administrator"):
        STEP.changes(target_of(role=ADMINISTRATOR))


def test_the_runbooks_rollback_restores_the_original_state(server: Postgres, target: Target) -> None:
    before, rows = everything(server), contents(server)
    STEP.apply(target)
    execute(server, f"REASSIGN OWNED BY {ROLE} TO {ADMINISTRATOR}; DROP ROLE {ROLE}")
    assert (everything(server), contents(server)) == (before, rows)


def problem(target: Target) -> str | None:
    with log_in_as_administrator(target, application="test", database=DATABASE) as connection:
        return adopted_database.problem(target, connection)


def test_a_deploy_before_the_ownership_change_is_stopped(target: Target) -> None:
    assert problem(target) == (
        f"the database {DATABASE} belongs to {ADMINISTRATOR}, so {ROLE} could not use anything in it; "
        "first: make adopt ENV=prod (docs/production.md)"
    )
    STEP.apply(target)
    assert problem(target) is None


def test_an_environment_without_an_adopted_database_needs_nothing(aws: None) -> None:
    assert STEP.changes(target_of(adopt=("media",))) == []


def test_a_missing_database_is_reported(aws: None) -> None:
    with pytest.raises(AdoptionError, match=rf'database "{DATABASE}" does not exist'):
        STEP.changes(target_of())


def test_the_command_asks_once_and_accepts_only_yes(
    server: Postgres, target: Target, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(server)
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "y" if len(asked) == 1 else "yes"

    monkeypatch.setattr("builtins.input", answer)
    with pytest.raises(AdoptionError, match=r"^database ownership: not approved, so this step changed nothing$"):
        adopt(target, [STEP], auto_approve=False)
    assert everything(server) == before
    adopt(target, [STEP], auto_approve=False)
    assert asked == ["Do this to prod? Only yes is accepted: "] * 2
    assert owners(server) == {ROLE}
    capsys.readouterr()
    adopt(target, [STEP], auto_approve=False)
    assert capsys.readouterr().out == "database ownership: nothing to do\nprod: prepared; now: make plan ENV=prod\n"

"""Manual changes that plans cannot see, found in a real database, and how each kind of run handles them."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
import urllib3
from moto.rds.models import DBInstance
from moto.server import ThreadedMotoServer

from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.preflight import deleted_secrets
from delivery.preflight.database_drift import repair, seen
from delivery.preflight.database_handover import problems
from delivery.preflight.out_of_band_changes import OutOfBandChangeError, Purpose, heal
from environments.schema.settings import Shared
from local.postgresql.server import ADMINISTRATOR, Postgres
from local.runtime.ports import POSTGRESQL
from local.runtime.process import Processes
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.delivery.aws_refusal import refusing
from tests.delivery.command_line import KEYS
from tests.delivery.database_logins import delivery_roles
from tests.delivery.database_server import DATABASE, PASSWORD, ROLE, broken, login_of, run

STAGING = SETTINGS.find("staging")
NAMES = Names.of(STAGING, SHARED)
DEPLOYER, PLANNER = NAMES.database_deployer, NAMES.database_planner
SILENT = SHARED.model_copy(update={"database_server": SHARED.database_server.model_copy(update={"name": "silent"})})
LITERAL = PASSWORD.replace("'", "''")
ANOTHER = (f"ALTER ROLE {ROLE} PASSWORD 'another'", f"ALTER ROLE {ROLE} PASSWORD '{LITERAL}'")
MEMBER = f"GRANT {ROLE} TO {DEPLOYER} WITH ADMIN TRUE, INHERIT TRUE, SET TRUE"
# Privileges that the deployer grants itself are kept separately from those it was given.
GIVEN_BY_ITSELF = f"REVOKE {ROLE} FROM {DEPLOYER} GRANTED BY {DEPLOYER}; {MEMBER}"
RENAMED = (f"ALTER ROLE {ROLE} RENAME TO elsewhere", f"ALTER ROLE elsewhere RENAME TO {ROLE}")


def target_of(shared: Shared = SHARED) -> Target:
    return Target.of(STAGING, shared, {})


@pytest.fixture(scope="module")
def account(postgres: Postgres) -> Iterator[None]:
    """An account with staging's two secrets, the server's instance, and an instance where nothing listens."""
    with pytest.MonkeyPatch.context() as patch:
        aws = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        aws.start()
        host, port = aws.get_host_and_port()
        # moto's servers in one process share an account, so another test's secrets would be in it.
        urllib3.request("POST", f"http://{host}:{port}/moto-api/reset")
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            patch.setenv(name, value)
        here = property(lambda _: "127.0.0.1", lambda _, _made_up: None)
        patch.setattr(DBInstance, "address", here, raising=False)
        target = target_of()
        rds = target.session.client("rds")
        for name, at in ((SHARED.database_server.name, postgres.port), (SILENT.database_server.name, 1)):
            rds.create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.t4g.medium",
                Engine="postgres",
                Port=at,
                MasterUsername=ADMINISTRATOR,
                ManageMasterUserPassword=True,
            )
        for path in target.names.secret_paths:
            target.secrets_manager.create_secret(Name=path)
        postgres.set_administrator(secrets.token_urlsafe(24))
        with delivery_roles(postgres, target):
            run(postgres, MEMBER, f"GRANT CONNECT ON DATABASE {DATABASE} TO {PLANNER}")
            yield
            run(postgres, f"REVOKE ALL ON DATABASE {DATABASE} FROM {PLANNER}")
        aws.stop()


@pytest.fixture
def target(account: None) -> Target:
    """Staging with its secrets, and a role with the stored password."""
    target = target_of()
    store(target, json.dumps({"password": PASSWORD}))
    return target


def store(target: Target, value: str) -> None:
    target.secrets_manager.put_secret_value(SecretId=target.names.database_credentials, SecretString=value)


@contextmanager
def deleted(target: Target) -> Iterator[str]:
    """Schedule the session key for deletion temporarily."""
    path = target.names.session_key
    target.secrets_manager.delete_secret(SecretId=path)
    yield path
    target.secrets_manager.restore_secret(SecretId=path)


@pytest.fixture
def logged(postgres: Postgres) -> Iterator[Callable[[], str]]:
    """The server's log of the deployer's statements; it logs them all."""
    login = f"{NAMES.database_deployer}_1"
    log = Processes(state=postgres.state, certificates=postgres.certificates).log(POSTGRESQL)
    with broken(postgres, f"ALTER ROLE {login} SET log_statement = 'all'", f"ALTER ROLE {login} RESET log_statement"):
        yield log.read_text


def test_an_unchanged_environment_has_nothing_to_repair(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    for purpose in Purpose:
        heal(purpose, target)
    assert capsys.readouterr().err == ""


def test_a_deploy_resets_the_roles_password_to_the_stored_one_without_logging_it(
    postgres: Postgres, target: Target, logged: Callable[[], str]
) -> None:
    with broken(postgres, *ANOTHER):
        (line,) = repair(target)
        login_of(postgres.port).connect().close()
    assert line == f"the database refused the stored password of {ROLE}; set again"
    assert f'ALTER ROLE "{ROLE}" PASSWORD \'SCRAM-SHA-256$' in logged()
    assert PASSWORD not in logged()
    assert LITERAL not in logged()
    assert repair(target) == []


def test_a_changed_stored_value_becomes_the_roles_password(postgres: Postgres, target: Target) -> None:
    store(target, json.dumps({"password": "another"}))
    with broken(postgres, "SELECT 1", ANOTHER[1]):
        assert len(repair(target)) == 1
        assert repair(target) == []
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            login_of(postgres.port).connect()


@pytest.mark.parametrize("lost", ["INHERIT FALSE", "SET FALSE", "INHERIT FALSE, SET FALSE"])
def test_a_deploy_restores_the_deployers_privileges(postgres: Postgres, target: Target, lost: str) -> None:
    """It does so itself, because a role's creator keeps the right to grant it."""
    with broken(postgres, f"GRANT {ROLE} TO {DEPLOYER} WITH {lost}", GIVEN_BY_ITSELF):
        (seen_line,) = seen(target, PLAN)
        assert seen_line == f"{DEPLOYER} lost the permissions of {ROLE}; a deploy repairs it"
        assert repair(target) == [f"{DEPLOYER} lost the permissions of {ROLE}; granted again"]
        assert seen(target, PLAN) == []


def test_a_plan_reports_what_it_finds_and_changes_nothing(
    postgres: Postgres, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """It cannot see the password, because its login may not read any."""
    with broken(postgres, *ANOTHER), broken(postgres, f"GRANT {ROLE} TO {DEPLOYER} WITH SET FALSE", GIVEN_BY_ITSELF):
        heal(Purpose.PLAN, target)
        heal(Purpose.REVIEW, target)
        line = f"staging: {DEPLOYER} lost the permissions of {ROLE}; a deploy repairs it"
        assert capsys.readouterr().err.splitlines() == [f"plan {line}", f"review {line}"]
        heal(Purpose.DEPLOY, target)
        lines = capsys.readouterr().err.splitlines()
    assert [line.removeprefix("deploy staging: ") for line in lines] == [
        f"{DEPLOYER} lost the permissions of {ROLE}; granted again",
        f"the database refused the stored password of {ROLE}; set again",
    ]


@pytest.mark.parametrize("value", ["{}", "[]", "text", '{"passwords": "another"}'])
def test_a_stored_value_in_another_form_is_ignored(target: Target, value: str) -> None:
    store(target, value)
    assert repair(target) == []


def test_a_missing_role_is_ignored(postgres: Postgres, target: Target) -> None:
    """For example, after a deploy that was interrupted before it made the role."""
    with broken(postgres, *RENAMED):
        assert repair(target) == []
        assert seen(target, PLAN) == []


def test_an_unresponsive_database_is_ignored(target: Target) -> None:
    silent = target_of(SILENT)
    assert repair(silent) == []
    assert seen(silent, PLAN) == []
    assert [*problems(silent, DEPLOY)] == []


@pytest.mark.parametrize(("role", "path"), [(DEPLOY, NAMES.deploy_login), (PLAN, NAMES.plan_login)])
def test_a_missing_or_refused_login_is_reported_with_the_command_that_creates_it(
    target: Target, role: str, path: str
) -> None:
    client = target.secrets_manager
    value = client.get_secret_value(SecretId=path)["SecretString"]
    assert [*problems(target, role)] == []
    for wrong, said in (
        (json.dumps({**json.loads(value), "password": "another"}), "password authentication failed"),
        ("{}", "is not JSON with username and password"),
        (None, "can't find the specified secret"),
    ):
        if wrong is None:
            client.delete_secret(SecretId=path, ForceDeleteWithoutRecovery=True)
        else:
            client.put_secret_value(SecretId=path, SecretString=wrong)
        with pytest.raises(LoginError, match=f"; bootstrap creates {path}: make bootstrap$") as refused:
            [*problems(target, role)]
        assert said in str(refused.value)
        assert "another" not in str(refused.value)
    client.create_secret(Name=path, SecretString=value)


@pytest.mark.parametrize(
    ("change", "undo", "named"),
    [
        (
            f"REVOKE {ROLE} FROM {DEPLOYER}",
            f"GRANT {ROLE} TO {DEPLOYER} WITH ADMIN TRUE, INHERIT TRUE, SET TRUE",
            f"{DEPLOYER} cannot grant {ROLE}",
        ),
        (
            f"ALTER DATABASE {DATABASE} OWNER TO {ADMINISTRATOR}",
            f"ALTER DATABASE {DATABASE} OWNER TO {ROLE}",
            f"{DATABASE} belongs to {ADMINISTRATOR}",
        ),
    ],
)
def test_a_missing_handover_is_reported_with_the_command_for_it(
    postgres: Postgres, target: Target, change: str, undo: str, named: str
) -> None:
    with broken(postgres, change, undo):
        for role in (DEPLOY, PLAN):
            (problem,) = problems(target, role)
            assert problem == f"staging does not fully control its database: {named}; first: make bootstrap"
    assert [*problems(target, PLAN)] == []


def test_a_deploy_lets_the_planner_connect_and_a_plan_before_it_says_so(
    postgres: Postgres, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """A deploy that is killed before its last grant leaves such a database."""
    database, owner = f"DATABASE {DATABASE}", f"ALTER DATABASE {DATABASE} OWNER TO"
    with broken(postgres, f"REVOKE ALL ON {database} FROM {PLANNER}", f"GRANT CONNECT ON {database} TO {PLANNER}"):
        assert [*problems(target, DEPLOY)] == []
        assert capsys.readouterr().err == ""
        assert [*problems(target, PLAN)] == []
        assert f"note: {PLANNER} cannot connect to {DATABASE}, so a plan cannot" in capsys.readouterr().err
        with broken(postgres, f"{owner} {ADMINISTRATOR}", f"{owner} {ROLE}"):
            (problem,) = problems(target, DEPLOY)
            assert f"{PLANNER} cannot connect to {DATABASE}; {DATABASE} belongs to {ADMINISTRATOR}" in problem


def test_a_deploy_restores_a_deleted_secret_and_a_plan_only_reports_it(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    with deleted(target) as path:
        heal(Purpose.PLAN, target)
        assert (
            f"plan staging: the secret {path} is scheduled for deletion; a deploy restores it"
            in capsys.readouterr().err
        )
        assert list(deleted_secrets.find(target)) == [path]
        heal(Purpose.DEPLOY, target)
        assert f"deploy staging: restored the secret {path}" in capsys.readouterr().err
        assert list(deleted_secrets.find(target)) == []


def test_a_plan_for_review_is_refused_while_a_secret_is_deleted(target: Target) -> None:
    with deleted(target) as path:
        with pytest.raises(OutOfBandChangeError, match=f"^the secret {path} is scheduled for deletion, so a plan"):
            heal(Purpose.REVIEW, target)
        assert list(deleted_secrets.find(target)) == [path]


@pytest.fixture
def refused(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """Staging in an AWS that refuses with the parametrized code."""
    with refusing(request.param) as endpoint:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": endpoint}.items():
            monkeypatch.setenv(name, value)
        yield target_of()


@pytest.mark.parametrize("refused", ["AccessDeniedException"], indirect=True)
def test_an_unreadable_secret_counts_as_absent(refused: Target) -> None:
    assert list(deleted_secrets.find(refused)) == []


@pytest.mark.parametrize("refused", ["InvalidParameterException"], indirect=True)
def test_any_other_aws_error_is_an_error(refused: Target) -> None:
    with pytest.raises(OutOfBandChangeError, match=r"^manual changes in staging could not be repaired: .*Invalid"):
        heal(Purpose.PLAN, refused)

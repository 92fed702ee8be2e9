"""What was changed by hand and no plan can see: found in a real database, and what each kind of run does about it."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import urllib3
from moto.rds.models import DBInstance
from moto.server import ThreadedMotoServer

from delivery.account.target import Target
from delivery.preflight import deleted_secrets
from delivery.preflight.database_drift import GIVEN, MEMBERSHIP, replacements
from delivery.preflight.out_of_band_changes import OutOfBandChangeError, Purpose, heal
from environments.schema.settings import Shared
from local.postgresql.server import Postgres
from tests.account import SETTINGS, SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.database_server import PASSWORD, ROLE, broken

STAGING = SETTINGS.find("staging")
ADMINISTRATOR = "instance_administrator"
SILENT = SHARED.model_copy(update={"database_server": SHARED.database_server.model_copy(update={"name": "silent"})})
LITERAL = PASSWORD.replace("'", "''")
ANOTHER = (f"ALTER ROLE {ROLE} PASSWORD 'another'", f"ALTER ROLE {ROLE} PASSWORD '{LITERAL}'")
MEMBER = f"GRANT {ROLE} TO {ADMINISTRATOR} WITH INHERIT TRUE"
REVOKED = (f"REVOKE {ROLE} FROM {ADMINISTRATOR}", MEMBER)
# What PostgreSQL leaves whoever made the role.
EMPTY = (f"GRANT {ROLE} TO {ADMINISTRATOR} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE", MEMBER)
RENAMED = (f"ALTER ROLE {ROLE} RENAME TO elsewhere", f"ALTER ROLE elsewhere RENAME TO {ROLE}")


def target_of(shared: Shared = SHARED) -> Target:
    return Target.of(STAGING, shared, {})


@pytest.fixture(scope="module")
def account(postgres: Postgres) -> Iterator[None]:
    """An account with staging's two secrets, the instance that the server is, and one where nothing listens."""
    with pytest.MonkeyPatch.context() as patch:
        aws = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        aws.start()
        host, port = aws.get_host_and_port()
        # moto keeps one account for all its servers of a process: another test's secrets would be in it.
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
        # moto's own value names a user of moto's; RDS writes the instance's.
        managed = {"username": ADMINISTRATOR, "password": secrets.token_urlsafe(24)}
        target.secrets_manager.put_secret_value(
            SecretId=str(target.database_server.administrator_secret), SecretString=json.dumps(managed)
        )
        with broken(
            postgres,
            f"CREATE ROLE {ADMINISTRATOR} LOGIN CREATEROLE PASSWORD '{managed['password']}'; {MEMBER}",
            f"DROP ROLE {ADMINISTRATOR}",
        ):
            yield
        aws.stop()


@pytest.fixture
def target(account: None) -> Target:
    """Staging, whose role has the stored password, and whose secrets are there."""
    target = target_of()
    store(target, json.dumps({"password": PASSWORD}))
    return target


def store(target: Target, value: str) -> None:
    target.secrets_manager.put_secret_value(SecretId=target.names.database_credentials, SecretString=value)


@contextmanager
def deleted(target: Target) -> Iterator[str]:
    """Schedule the session key for deletion for a while."""
    path = target.names.session_key
    target.secrets_manager.delete_secret(SecretId=path)
    yield path
    target.secrets_manager.restore_secret(SecretId=path)


def test_an_unchanged_environment_has_nothing_replaced(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    assert replacements(target) == {}
    assert {purpose: heal(purpose, target) for purpose in Purpose} == dict.fromkeys(Purpose, ())
    assert capsys.readouterr().err == ""


def test_a_changed_password_is_found(postgres: Postgres, target: Target) -> None:
    with broken(postgres, *ANOTHER):
        assert list(replacements(target)) == [GIVEN]
    assert replacements(target) == {}


def test_a_changed_stored_value_is_found(target: Target) -> None:
    store(target, json.dumps({"password": "another"}))
    assert list(replacements(target)) == [GIVEN]


@pytest.mark.parametrize("change", [REVOKED, EMPTY], ids=["none", "empty"])
def test_a_membership_that_gives_no_permissions_is_found(
    postgres: Postgres, target: Target, change: tuple[str, str]
) -> None:
    with broken(postgres, *change):
        assert list(replacements(target)) == [MEMBERSHIP]
    assert replacements(target) == {}


@pytest.mark.parametrize("value", ["{}", "[]", "text", '{"passwords": "another"}'])
def test_a_stored_value_of_another_form_is_ignored(target: Target, value: str) -> None:
    store(target, value)
    assert replacements(target) == {}


def test_a_missing_role_is_ignored(postgres: Postgres, target: Target) -> None:
    """As after a deploy that was interrupted before it made the role."""
    with broken(postgres, *RENAMED):
        assert replacements(target) == {}


def test_a_database_that_does_not_answer_is_ignored(target: Target) -> None:
    store(target, json.dumps({"password": "another"}))
    assert replacements(target_of(SILENT)) == {}


@pytest.mark.parametrize("purpose", Purpose)
def test_every_kind_of_run_replaces_what_was_changed_and_says_why(
    postgres: Postgres, target: Target, purpose: Purpose, capsys: pytest.CaptureFixture[str]
) -> None:
    with broken(postgres, *ANOTHER), broken(postgres, *REVOKED):
        assert heal(purpose, target) == (f"-replace={GIVEN}", f"-replace={MEMBERSHIP}")
    of_the_password, of_the_membership = capsys.readouterr().err.splitlines()
    for line in (of_the_password, of_the_membership):
        assert line.startswith(f"{purpose} staging: ")
        assert PASSWORD not in line
    assert f"refuses {ROLE} its stored password" in of_the_password


def test_a_deploy_restores_a_deleted_secret_and_a_plan_only_says_so(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    with deleted(target) as path:
        assert heal(Purpose.PLAN, target) == ()
        assert (
            f"plan staging: the secret {path} is scheduled for deletion; a deploy restores it"
            in capsys.readouterr().err
        )
        assert list(deleted_secrets.find(target)) == [path]
        assert heal(Purpose.DEPLOY, target) == ()
        assert f"deploy staging: restored the secret {path}" in capsys.readouterr().err
        assert list(deleted_secrets.find(target)) == []


def test_a_plan_for_review_is_refused_while_a_secret_is_deleted(target: Target) -> None:
    with deleted(target) as path:
        with pytest.raises(OutOfBandChangeError, match=f"^the secret {path} is scheduled for deletion, so that a plan"):
            heal(Purpose.REVIEW, target)
        assert list(deleted_secrets.find(target)) == [path]


@contextmanager
def refusing(code: str) -> Iterator[str]:
    """An AWS that answers every request with this error."""

    class Refusal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"__type": code, "Message": "refused"}).encode()
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class's name
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Refusal) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def refused(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """Staging in an AWS that refuses with the parameter's code."""
    with refusing(request.param) as endpoint:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": endpoint}.items():
            monkeypatch.setenv(name, value)
        yield target_of()


@pytest.mark.parametrize("refused", ["AccessDeniedException"], indirect=True)
def test_a_secret_that_may_not_be_read_counts_as_absent(refused: Target) -> None:
    assert list(deleted_secrets.find(refused)) == []


@pytest.mark.parametrize("refused", ["InvalidParameterException"], indirect=True)
def test_any_other_answer_of_aws_is_an_error(refused: Target) -> None:
    with pytest.raises(OutOfBandChangeError, match=r"^what was changed by hand in staging is not healed: .*Invalid"):
        heal(Purpose.PLAN, refused)

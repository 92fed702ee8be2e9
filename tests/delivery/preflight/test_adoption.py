"""An adoption that would remove permissions, or take over the administrator's login, stops before it starts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import boto3
import pytest
import urllib3
from moto.server import ThreadedMotoServer

from delivery.account.session import open_session
from delivery.account.target import Target
from delivery.preflight import adopted_credentials, adopted_role, adoption
from delivery.preflight.readiness import NotReadyError, check
from environments.schema.database import Database
from environments.schema.settings import Environment
from local.seed.aws_objects import policy
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.iam_policies import boundary_arn
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS

# Production with its own login at the derived path, and no capability.
PROD = SETTINGS.find("prod").model_copy(
    update={
        "adopt": ("core-api-role", "credentials"),
        "capabilities": (),
        "parameters": {},
        "dropped_permissions": (),
        "database": Database(),
    }
)
ADMINISTRATOR, PASSWORD = "mosaicadmin", "the password of the database"
PREVIEWS = "system:serviceaccount:preview-pr-*:core-api"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.core.models.DEFAULT_ACCOUNT_ID", SHARED.account)
        patch.setenv("MOTO_ACCOUNT_ID", SHARED.account)
        aws = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        aws.start()
        host, port = aws.get_host_and_port()
        url = f"http://{host}:{port}"
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": url, "MOSAIC_CLOUD": "local"}.items():
            patch.setenv(name, value)
        yield url
        aws.stop()


@pytest.fixture(autouse=True)
def account(endpoint: str) -> None:
    """An account with the cluster, the database server and production's state bucket."""
    urllib3.request("POST", f"{endpoint}/moto-api/reset", timeout=60)
    target = target_of()
    target.session.client("eks").create_cluster(
        name=SHARED.cluster, roleArn="arn:aws:iam::033691785857:role/cluster", resourcesVpcConfig={}
    )
    target.session.client("rds").create_db_cluster(
        DBClusterIdentifier=SHARED.database_server.name,
        Engine=SHARED.database_server.engine,
        MasterUsername=ADMINISTRATOR,
        MasterUserPassword=PASSWORD,
    )
    target.s3.create_bucket(Bucket=target.names.state_bucket)
    # Nothing listens at the server's address in RDS.
    for path in (target.names.deploy_login, target.names.plan_login):
        target.secrets_manager.create_secret(Name=path, SecretString='{"username": "a", "password": "b"}')


@cache
def session() -> boto3.Session:
    """One for all tests, because each session loads AWS's service descriptions again."""
    return open_session(SHARED)


def target_of(environment: Environment = PROD) -> Target:
    return replace(Target.of(environment, SHARED, {}), session=session())


def changed(**settings: object) -> Environment:
    return PROD.model_copy(update=settings)


def make_role(subjects: list[str], boundary: str = "") -> Target:
    """Make production's role, with an inline policy and a managed one whose default is its second version."""
    target = target_of()
    issuer = target.cluster["identity"]["oidc"]["issuer"].removeprefix("https://")
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{SHARED.account}:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{issuer}:sub": subjects}},
    }
    name = target.names.core_api_role
    limits: Any = {"PermissionsBoundary": boundary} if boundary else {}
    target.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust), **limits)
    bucket = f"arn:aws:s3:::{target.names.media_bucket}"
    mail = {"Sid": "Mail", "Effect": "Allow", "Action": ["ses:SendEmail", "s3:ListBucket"], "Resource": ["*", bucket]}
    target.iam.put_role_policy(RoleName=name, PolicyName="mail", PolicyDocument=policy(mail))
    made = target.iam.create_policy(
        PolicyName="queues", PolicyDocument=policy({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    )["Policy"]["Arn"]
    queues = {"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "arn:aws:sqs:us-east-1:1:events"}
    target.iam.create_policy_version(PolicyArn=made, PolicyDocument=policy(queues), SetAsDefault=True)
    target.iam.attach_role_policy(RoleName=name, PolicyArn=made)
    return target


def own_subject(target: Target) -> str:
    return f"system:serviceaccount:{target.names.namespace}:core-api"


@pytest.fixture
def role() -> Target:
    return make_role([own_subject(target_of()), PREVIEWS])


LOST = (
    "ses:SendEmail",
    "s3:ListBucket",
    "sqs:ReceiveMessage on arn:aws:sqs:us-east-1:1:events",
    f"trust:{PREVIEWS}",
)


def test_every_loss_is_reported_with_its_policy_statement_and_capability(role: Target) -> None:
    said = adopted_role.problem(role)
    assert said
    lines = said.splitlines()
    assert lines[0] == "mosaic-prod-core-api-role would be adopted, but its permissions differ from the settings:"
    # On every resource, and on the bucket, where it has no effect.
    assert "  'ses:SendEmail' (inline policy mail, statement Mail, 2 times): the capability 'ses' grants it" in lines
    assert "  's3:ListBucket' (inline policy mail, statement Mail)" in lines
    assert (
        "  'sqs:ReceiveMessage on arn:aws:sqs:us-east-1:1:events' (managed policy "
        f"arn:aws:iam::{SHARED.account}:policy/queues, statement 1): the capability 'sqs' grants it"
    ) in lines
    (trust,) = (line for line in lines if PREVIEWS in line and "dropped_permissions" not in line)
    assert trust.startswith(f"  'trust:{PREVIEWS}' if ")
    assert trust.endswith(" (trust policy, statement 1)")
    assert "iam:*" not in said


def test_the_proposed_settings_can_be_copied(role: Target) -> None:
    said = adopted_role.problem(role)
    assert said
    proposed: Mapping[str, tuple[str, ...]] = {}
    exec(f"proposed = dict({said.splitlines()[-1].strip()})", {}, (place := {"proposed": proposed}))  # noqa: S102
    assert set(place["proposed"]["dropped_permissions"]) == set(LOST)
    assert adopted_role.problem(target_of(changed(**place["proposed"]))) is None


def test_a_name_without_a_match_is_an_error_that_lists_the_existing_ones(role: Target) -> None:
    said = adopted_role.problem(target_of(changed(dropped_permissions=(*LOST, "ses:SendMail"))))
    assert said
    assert "  dropped_permissions has 'ses:SendMail', which the role does not have" in said
    assert "'ses:SendEmail'" in said.splitlines()[-1]


def test_an_enabled_capability_that_grants_less_is_reported_too(role: Target) -> None:
    on = changed(capabilities=("ses",), parameters={"ses_from_email": "a@mosaiclife.me"})
    said = adopted_role.problem(target_of(on))
    assert said
    assert "statement Mail, 2 times): the capability 'ses', which is on, grants less" in said


def test_a_role_managed_by_this_project_is_not_checked() -> None:
    target = target_of()
    make_role([own_subject(target)], boundary=boundary_arn(target.names, SHARED))
    assert adopted_role.problem(target_of(changed(dropped_permissions=("ses:SendEmail",)))) is None


def test_a_missing_role_loses_nothing() -> None:
    assert adopted_role.problem(target_of()) is None


@pytest.mark.parametrize("action", ["deploy", "recover"])
def test_a_loss_stops_commands_that_would_apply_it(role: Target, action: str) -> None:
    with pytest.raises(NotReadyError, match="'ses:SendEmail'"):
        check(action, PROD)
    check(action, changed(dropped_permissions=LOST))


def test_a_plan_only_reports_a_loss(role: Target, capsys: pytest.CaptureFixture[str]) -> None:
    check("plan", PROD)
    assert "note: a deploy stops: mosaic-prod-core-api-role would be adopted" in capsys.readouterr().err


def test_resources_that_are_not_adopted_are_not_checked(role: Target, capsys: pytest.CaptureFixture[str]) -> None:
    check("deploy", changed(adopt=("media",)))
    assert "would be adopted" not in capsys.readouterr().err


def store(value: str) -> Target:
    target = target_of()
    target.secrets_manager.create_secret(Name=target.names.database_credentials, SecretString=value)
    return target


def login(username: str, dbname: str) -> str:
    return json.dumps({"username": username, "password": PASSWORD, "dbname": dbname, "host": "a", "port": "5432"})


def test_the_applications_own_login_is_adopted() -> None:
    assert adopted_credentials.problem(store(login("mosaic_prod", "core_prod"))) is None


def test_the_administrators_login_is_not_adopted_and_the_message_says_what_is_allowed() -> None:
    said = adopted_credentials.problem(store(login(ADMINISTRATOR, "mosaic")))
    assert said
    assert said.startswith(
        "the secret mosaic/prod/rds/credentials holds username 'mosaicadmin', dbname 'mosaic' (the database server's "
        "administrator), but the login of prod is username 'mosaic_prod', dbname 'core_prod'; allowed in "
        'environments/prod.py: adopt without "credentials", and database=Database(credentials_path=...)'
    )
    assert PASSWORD not in said


@pytest.mark.parametrize(
    "value", [login("mosaic_prod", "other"), login("other", "core_prod"), PASSWORD, "{}", f'["{PASSWORD}"]'], ids=str
)
def test_a_secret_of_another_user_database_or_form_is_not_adopted(value: str) -> None:
    said = adopted_credentials.problem(store(value))
    assert said
    assert said.startswith("the secret mosaic/prod/rds/credentials holds ")
    assert PASSWORD not in said


def test_a_secret_scheduled_for_deletion_is_left_to_the_restore_check() -> None:
    target = store(login("mosaic_prod", "core_prod"))
    target.secrets_manager.delete_secret(SecretId=target.names.database_credentials)
    assert adopted_credentials.problem(target_of()) is None


def test_a_different_login_stops_a_deploy() -> None:
    store(login(ADMINISTRATOR, "mosaic"))
    with pytest.raises(NotReadyError, match=r"holds username 'mosaicadmin'"):
        check("deploy", PROD)


def test_the_administrator_cannot_be_an_environments_role() -> None:
    database = Database(name="mosaic", role=ADMINISTRATOR, credentials_path="a/b")
    with pytest.raises(NotReadyError, match=r"^database\.role 'mosaicadmin' is the administrator of the database"):
        check("deploy", changed(database=database, adopt=("database-role",)))


def test_an_unadopted_secret_may_have_any_content() -> None:
    store(login(ADMINISTRATOR, "mosaic"))
    assert [*adoption.problems(target_of(changed(adopt=("database-role",))), DEPLOY)] == []


def test_secrets_the_plan_role_may_not_read_are_only_noted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = store(login(ADMINISTRATOR, "mosaic"))
    target.iam.create_role(RoleName=target.names.plan_role, AssumeRolePolicyDocument="{}")
    key = target.session.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{SHARED.account}:role/{target.names.plan_role}", RoleSessionName="workflow"
    )["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", key["SessionToken"])
    assert [*adoption.problems(Target.of(changed(adopt=("credentials",)), SHARED, {}), PLAN)] == []
    assert capsys.readouterr().err == (
        "note: the plan role cannot check whether prod can adopt its credentials; a deploy checks it\n"
    )


def test_unreadable_permissions_also_stop_a_deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:1")
        (said,) = adoption.problems(target_of(), DEPLOY)
    assert said.startswith("cannot check whether prod can adopt its core-api-role: ")

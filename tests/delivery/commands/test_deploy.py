"""The commands plan, deploy and destroy: what they reject before they start anything."""

import subprocess
from typing import TYPE_CHECKING

import boto3
import pytest

from local.aws.clients import AwsClients
from local.aws.credentials import AccessKey
from local.seed.aws_objects import create_secret
from modules.model.names import Names, bootstrap_state_bucket
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS, NOWHERE
from tests.delivery.command_line import run_command as run

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LOGIN = {"username": "administrator", "password": "made-up-value"}


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["deploy", "nowhere"], {}, f"environment 'nowhere' is unknown; allowed: {', '.join(SETTINGS.names())}"),
        (["deploy"], {}, "the following arguments are required: environment"),
        (["rename", "staging"], {}, "'rename' is not a command; allowed: plan, deploy"),
        (["destroy", "prod"], KEYS, "prod is protected (environments/prod.py) and cannot be destroyed"),
        (["destroy", "bootstrap"], KEYS, "bootstrap holds every environment's state and cannot be destroyed"),
        (["plan", "bootstrap", "staging"], KEYS, "allowed: one stack, or deploy bootstrap ENVIRONMENT"),
        (["deploy", "staging", "prod"], KEYS, "allowed: one stack, or deploy bootstrap ENVIRONMENT"),
        (["deploy", "staging"], {"AWS_PROFILE": "nobody"}, "allowed: an existing AWS_PROFILE, or keys"),
        (
            ["deploy", "staging"],
            {"MOSAIC_CLOUD": "azure"},
            "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default) or 'local'",
        ),
        (["deploy", "staging"], {}, "Unable to locate credentials"),
        (["plan", "staging"], {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE, **KEYS}, "is the local cloud up?"),
    ],
)
def test_an_impossible_run_is_refused_with_one_error_and_exit_code_2(
    arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = run(*arguments, **variables)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_credentials_of_another_account_are_refused(another_account: str) -> None:
    done = run("deploy", "staging", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=another_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"allowed: account {SHARED.account} (environments/shared.py)" in done.stderr


@pytest.mark.parametrize(
    ("action", "stack", "bucket"),
    [
        ("deploy", "staging", Names.of(SETTINGS.find("staging"), SHARED).state_bucket),
        ("plan", "bootstrap", bootstrap_state_bucket(SHARED)),
    ],
)
def test_a_missing_state_bucket_is_reported_with_the_command_that_creates_it(
    empty_account: str, action: str, stack: str, bucket: str
) -> None:
    done = run(action, stack, MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=empty_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"the state bucket {bucket} of {stack} cannot be reached" in done.stderr
    assert "make bootstrap creates it (docs/bootstrap.md)" in done.stderr


@pytest.fixture
def bootstrapped_account(empty_account: str) -> str:
    """The account that a deploy of staging checks first; nothing listens at the database server's address."""
    aws, names = clients(empty_account), Names.of(SETTINGS.find("staging"), SHARED)
    buckets(empty_account).create_bucket(Bucket=names.state_bucket)
    create_database_server(aws)
    for path in (names.deploy_login, names.plan_login):
        create_secret(aws, path, LOGIN)
    return empty_account


def clients(endpoint: str) -> AwsClients:
    return AwsClients(endpoint, AccessKey(id=KEYS["AWS_ACCESS_KEY_ID"], secret=KEYS["AWS_SECRET_ACCESS_KEY"]))


def create_database_server(aws: AwsClients) -> None:
    aws.rds.create_db_cluster(
        DBClusterIdentifier=SHARED.database_server.name,
        Engine=SHARED.database_server.engine,
        EngineVersion="16.10",
        MasterUsername=LOGIN["username"],
        MasterUserPassword=LOGIN["password"],
    )


def buckets(endpoint: str) -> "S3Client":
    return boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="s"
    )


@pytest.mark.parametrize("action", ["deploy", "plan"])
def test_a_missing_database_login_is_reported_with_the_command_that_creates_it(
    bootstrapped_account: str, action: str
) -> None:
    names = Names.of(SETTINGS.find("staging"), SHARED)
    path = names.deploy_login if action == "deploy" else names.plan_login
    clients(bootstrapped_account).secretsmanager.delete_secret(SecretId=path, ForceDeleteWithoutRecovery=True)
    done = run(action, "staging", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=bootstrapped_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.endswith(f"; bootstrap creates {path}: make bootstrap\n")


@pytest.mark.parametrize("action", ["deploy", "destroy"])
def test_without_a_terminal_a_command_that_asks_is_refused_with_both_alternatives(
    bootstrapped_account: str, action: str
) -> None:
    done = run(action, "staging", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=bootstrapped_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert f"{action} staging: it asks for approval, but there is no terminal to answer on; allowed:" in done.stderr
    assert f"--auto-approve (make {action} ENV=staging APPROVE=yes)" in done.stderr


def test_without_a_terminal_bootstrap_is_refused_before_it_creates_its_state_bucket(empty_account: str) -> None:
    done = run("deploy", "bootstrap", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=empty_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "--auto-approve (make bootstrap APPROVE=yes)" in done.stderr
    assert buckets(empty_account).list_buckets()["Buckets"] == []


def test_bootstrap_reports_obstacles_before_it_creates_its_state_bucket(empty_account: str) -> None:
    done = run("deploy", "bootstrap", "--auto-approve", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=empty_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    rows = [" ".join(line.split()) for line in done.stderr.splitlines()]
    assert f"in the way cluster {SHARED.cluster} there is none in {SHARED.region}" in rows
    title = SHARED.database_server.title
    assert f"in the way database server {title} there is no {title}" in rows
    assert rows[-1].startswith("error: bootstrap: 3 facts are in the way, so nothing was changed; more: make doctor")
    assert buckets(empty_account).list_buckets()["Buckets"] == []


@pytest.fixture
def account_with_cluster_and_database(empty_account: str) -> str:
    """The account that bootstrap itself checks."""
    aws = clients(empty_account)
    issuer = aws.eks.create_cluster(
        name=SHARED.cluster,
        roleArn=f"arn:aws:iam::{SHARED.account}:role/cluster",
        resourcesVpcConfig={"subnetIds": []},
    )["cluster"]["identity"]["oidc"]["issuer"]
    aws.iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
    create_database_server(aws)
    create_secret(aws, str(SHARED.database_server.administrator_secret), LOGIN)
    aws.iam.create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"]
    )
    return empty_account


def test_with_auto_approve_bootstrap_proceeds(account_with_cluster_and_database: str) -> None:
    """It gets as far as cdktf, which is not on these tests' PATH."""
    endpoint = account_with_cluster_and_database
    done = run("deploy", "bootstrap", "--auto-approve", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=endpoint, **KEYS)
    assert "in the way" not in done.stderr, done.stderr
    made = {bucket["Name"] for bucket in buckets(endpoint).list_buckets()["Buckets"]}
    assert made == {bootstrap_state_bucket(SHARED)}


@pytest.mark.parametrize("target", ["adopt", "deploy", "destroy", "recover", "bootstrap"])
def test_make_accepts_only_yes_as_approval(target: str) -> None:
    def make(approve: str) -> "subprocess.CompletedProcess[str]":
        command = ["make", "-n", "-o", "setup", target, f"APPROVE={approve}"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert " --auto-approve" in make("yes").stdout
    assert "--auto-approve" not in make("").stdout
    assert "APPROVE=no: allowed: yes" in make("no").stderr

"""The plan of a staging that does not exist yet, against the real data sources of the local cloud."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import tftest

from local.aws.clients import AwsClients
from local.seed.aws_objects import create_secret
from local.state import Cloud
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.conftest import synthesize

NAMES = Names.of(SETTINGS.find("staging"), SHARED)


@pytest.fixture(scope="module")
def login(cloud: Cloud) -> Iterator[None]:
    """The secret of a login that bootstrap creates; a plan reads it and tries it on no server."""
    aws = AwsClients(cloud.aws_endpoint, cloud.key())
    create_secret(aws, NAMES.deploy_login, {"username": "mosaic_staging_deploy_1", "password": "made-up-value"})
    yield
    aws.secretsmanager.delete_secret(SecretId=NAMES.deploy_login, ForceDeleteWithoutRecovery=True)


@pytest.fixture(scope="module")
def plan(cloud_variables: dict[str, str], stack: Path, login: None) -> tftest.TerraformPlanOutput:
    """The plan with its own empty state in a file, whatever the session's cloud already holds."""
    terraform = tftest.TerraformTest(str(stack), env=cloud_variables)
    terraform.init()
    return terraform.plan(output=True)


@pytest.fixture(scope="module")
def stack(cloud_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of staging's stack for the cloud's account, without a backend."""
    chosen = {name: cloud_variables[name] for name in ("MOSAIC_CLOUD", "MOSAIC_LOCAL_ACCOUNT", "AWS_ENDPOINT_URL")}
    folder = synthesize(tmp_path_factory.mktemp("plan"), chosen) / "staging"
    configuration = json.loads((folder / "cdk.tf.json").read_text())
    del configuration["terraform"]["backend"]
    (folder / "cdk.tf.json").write_text(json.dumps(configuration, indent=2))
    return folder


def test_the_plan_creates_a_new_staging_and_changes_nothing_else(plan: tftest.TerraformPlanOutput, stack: Path) -> None:
    resources = json.loads((stack / "cdk.tf.json").read_text())["resource"]
    expected = {f"{kind}.{name}" for kind, named in resources.items() for name in named}
    assert expected
    assert {
        address: change["change"]["actions"]
        for address, change in plan.resource_changes.items()
        if change["mode"] == "managed"
    } == {address: ["create"] for address in expected}


def test_the_trust_names_the_clusters_issuer(plan: tftest.TerraformPlanOutput) -> None:
    trust = json.loads(plan.resource_changes["aws_iam_role.core_api_role"]["change"]["after"]["assume_role_policy"])
    (statement,) = trust["Statement"]
    conditions = statement["Condition"]["StringEquals"]
    issuer = statement["Principal"]["Federated"].split(":oidc-provider/")[1]
    assert conditions == {
        f"{issuer}:sub": f"system:serviceaccount:{NAMES.namespace}:core-api",
        f"{issuer}:aud": "sts.amazonaws.com",
    }


def test_the_network_policy_admits_each_subnet_of_the_load_balancer(plan: tftest.TerraformPlanOutput) -> None:
    (spec,) = plan.resource_changes["kubernetes_network_policy_v1.network_allow"]["change"]["after"]["spec"]
    resources = plan.prior_state["values"]["root_module"]["resources"]
    (balancer,) = (resource["values"] for resource in resources if resource["type"] == "aws_lb")
    # The plan reads the database's subnets too, but no traffic comes from there.
    subnets = [
        resource["values"]["cidr_block"]
        for resource in resources
        if resource["type"] == "aws_subnet" and resource["name"] == "shared_load_balancer_subnet"
    ]
    assert subnets
    assert len(subnets) == len(balancer["subnets"])
    admitted = [block["cidr"] for rule in spec["ingress"] for end in rule["from"] for block in end["ip_block"]]
    assert sorted(admitted) == sorted(subnets)
    assert SHARED.vpc_cidr not in admitted


def test_every_name_belongs_to_the_environment(plan: tftest.TerraformPlanOutput) -> None:
    after = {address: change["change"]["after"] for address, change in plan.resource_changes.items()}
    assert after["aws_s3_bucket.media"]["bucket"] == NAMES.media_bucket
    assert after["aws_s3_bucket.backups"]["bucket"] == NAMES.backups_bucket
    assert after["aws_secretsmanager_secret.database_credentials"]["name"] == NAMES.database_credentials
    assert after["aws_secretsmanager_secret.session_key"]["name"] == NAMES.session_key
    assert after["postgresql_database.database"]["name"] == NAMES.database
    assert after["postgresql_role.database_role"]["name"] == NAMES.database_role
    (metadata,) = after["kubernetes_namespace_v1.namespace"]["metadata"]
    assert metadata["name"] == NAMES.namespace


def test_write_only_values_are_not_in_the_plan(plan: tftest.TerraformPlanOutput) -> None:
    after = {address: change["change"]["after"] for address, change in plan.resource_changes.items()}
    assert after["postgresql_role.database_role"]["password_wo"] is None

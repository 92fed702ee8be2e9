"""Plans on accounts other than the designed one, as Terraform itself sees them, on the local cloud."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import tftest
from cdktf import App

from environments.schema.settings import Shared
from local.aws.clients import AwsClients
from local.seed.aws_objects import create_secret
from local.state import Cloud
from modules.base.cloud import Cloud as Provider
from modules.stacks.bootstrap_stack import BootstrapStack
from modules.stacks.environment_stack import EnvironmentStack
from tests.account import SHARED
from tests.unit.environments.example import environment

CLUSTER = "mosaic-plan-aurora"
GOOD, WRONG = "mosaic/plan/administrator", "mosaic/plan/somebody"
# What bootstrap creates, for a plan of only the environment.
LOGIN = "mosaic/test/database/deploy"


@pytest.fixture(scope="module", autouse=True)
def account(cloud: Cloud) -> Iterator[None]:
    """An Aurora cluster of PostgreSQL 16, its administrator's login in a secret, and another user's in a second one."""
    aws = AwsClients(cloud.aws_endpoint, cloud.key())
    aws.rds.create_db_cluster(
        DBClusterIdentifier=CLUSTER,
        Engine="aurora-postgresql",
        EngineVersion="16.10",
        MasterUsername="mosaicadmin",
        MasterUserPassword="made-up-value",
        DBSubnetGroupName=aws.rds.describe_db_subnet_groups()["DBSubnetGroups"][0]["DBSubnetGroupName"],
    )
    create_secret(aws, GOOD, {"username": "mosaicadmin", "password": "made-up-value"})
    create_secret(aws, WRONG, {"username": "somebody", "password": "made-up-value"})
    create_secret(aws, LOGIN, {"username": "mosaic_test_deploy_1", "password": "made-up-value"})
    yield
    # Later tests on this cloud look at every server and secret of the account.
    aws.rds.delete_db_cluster(DBClusterIdentifier=CLUSTER, SkipFinalSnapshot=True)
    for name in (GOOD, WRONG, LOGIN):
        aws.secretsmanager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def plan(
    folder: Path,
    cloud: Cloud,
    variables: dict[str, str],
    shared: Mapping[str, Any],
    *,
    bootstrap: bool = False,
    **settings: object,
) -> tftest.TerraformPlanOutput:
    """Plan a new environment, or its bootstrap, on such an account. Raises TerraformTestError."""
    app = App(outdir=str(folder))
    account = Shared.model_validate({**SHARED.model_dump(), **shared})
    here = Provider(endpoint=cloud.aws_endpoint)
    if bootstrap:
        BootstrapStack(app, "test", environments=[environment(settings)], shared=account, cloud=here)
    else:
        EnvironmentStack(app, "test", environment=environment(settings), shared=account, cloud=here)
    app.synth()
    stack = folder / "stacks" / "test"
    configuration = json.loads((stack / "cdk.tf.json").read_text())
    del configuration["terraform"]["backend"]
    # The bucket of bootstrap's own state, which is created before Terraform runs.
    configuration.pop("import", None)
    # On several lines: Terraform quotes the line of an error, and tftest does not drain the error pipe before the other
    # one ends (docs/traps.md).
    (stack / "cdk.tf.json").write_text(json.dumps(configuration, indent=2))
    terraform = tftest.TerraformTest(str(stack), env=variables)
    terraform.init()
    return terraform.plan(output=True)


def refusal(
    folder: Path,
    cloud: Cloud,
    variables: dict[str, str],
    shared: Mapping[str, Any],
    *,
    bootstrap: bool = False,
    **settings: object,
) -> str:
    """Return Terraform's refusal to plan, in one line."""
    with pytest.raises(tftest.TerraformTestError) as raised:
        plan(folder, cloud, variables, shared, bootstrap=bootstrap, **settings)
    printed = " ".join(map(str, raised.value.args))
    return " ".join(printed.replace("│", " ").split())


def test_a_plan_works_on_an_aurora_cluster(tmp_path: Path, cloud: Cloud, cloud_variables: dict[str, str]) -> None:
    server = {"kind": "cluster", "name": CLUSTER, "administrator_secret": GOOD}
    found = plan(tmp_path / "bootstrap", cloud, cloud_variables, {"database_server": server}, bootstrap=True)
    address = "postgresql_grant_role.environment_test_database_administrator"
    assert found.resource_changes[address]["change"]["after"]["role"] == "mosaicadmin"
    found = plan(tmp_path / "environment", cloud, cloud_variables, {"database_server": server})
    member = found.resource_changes["postgresql_grant_role.database_deployer"]["change"]["after"]
    assert member["role"] == "mosaic_test_deploy"


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ({"kind": "cluster", "name": CLUSTER}, "RDS does not manage the administrator's login of the Aurora cluster"),
        (
            {"kind": "cluster", "name": CLUSTER, "administrator_secret": WRONG},
            f"The secret {WRONG} is not the login of the administrator of the Aurora cluster {CLUSTER}; allowed: ",
        ),
    ],
)
def test_the_plan_fails_for_a_login_that_is_not_the_administrators(
    tmp_path: Path, cloud: Cloud, cloud_variables: dict[str, str], server: dict[str, str], said: str
) -> None:
    assert said in refusal(tmp_path, cloud, cloud_variables, {"database_server": server}, bootstrap=True)


def test_the_plan_fails_for_a_host_that_the_certificate_does_not_cover(
    tmp_path: Path, cloud: Cloud, cloud_variables: dict[str, str]
) -> None:
    """The settings claim that the certificate covers the name, but it does not."""
    certificate = {"domain": SHARED.certificate.domain, "names": ("*.deep.mosaiclife.me",)}
    hosts: dict[str, Any] = {"web.hosts": ("a.deep.mosaiclife.me",)}
    found = refusal(tmp_path, cloud, cloud_variables, {"certificate": certificate}, **hosts)
    assert "The certificate of *.mosaiclife.me has no name for one of a.deep.mosaiclife.me" in found

"""The account's shared objects are found by data sources and checked."""

import re

import pytest

from environments.schema.settings import Environment
from modules.model.selected_settings import SHARED
from tests import account
from tests.synth.template import Template

# The load balancer's present or future subnets.
_LOAD_BALANCER = {"shared": "data.aws_lb.shared_load_balancer", "own": "data.aws_subnets.shared_public_subnets"}


def test_a_wrong_account_fails_a_postcondition(template: Template, settings: Environment) -> None:
    """Each data source that would reveal it has a postcondition that says so."""
    checks = {
        address: [check["condition"] for check in body["lifecycle"]["postcondition"]]
        for address, body in template.bodies.items()
        if address.startswith("data.") and "postcondition" in body.get("lifecycle", {})
    }
    cluster = f"arn:aws:eks:{SHARED.region}:{SHARED.account}:cluster/{SHARED.cluster}"
    assert f'${{self.arn == "{cluster}"}}' in checks["data.aws_eks_cluster.shared_cluster"]
    issuer = "data.aws_eks_cluster.shared_cluster.identity[0].oidc[0].issuer"
    assert (
        f'${{self.url == trimprefix({issuer}, "https://")}}'
        in checks["data.aws_iam_openid_connect_provider.shared_oidc_provider"]
    )
    assert f'${{self.cidr_block == "{SHARED.vpc_cidr}"}}' in checks["data.aws_vpc.shared_vpc"]
    assert set(checks) >= {
        "data.aws_acm_certificate.shared_certificate",
        "data.aws_rds_cluster.shared_rds_cluster",
        "data.aws_db_subnet_group.shared_database_subnet_group",
        _LOAD_BALANCER[settings.alb],
    }


def test_a_database_server_without_subnets_fails_a_postcondition(template: Template) -> None:
    """Without a destination, a network policy rule allows traffic to everywhere."""
    group = template.one("data.aws_db_subnet_group", "shared_database_subnet_group")
    assert group["name"] == "${data.aws_rds_cluster.shared_rds_cluster.db_subnet_group_name}"
    (check,) = group["lifecycle"]["postcondition"]
    assert check["condition"] == "${length(self.subnet_ids) > 0}"
    assert check["error_message"] == "The subnet group of the Aurora cluster mosaic-prod-aurora has no subnet."


def test_the_certificate_is_checked_for_every_host(template: Template, settings: Environment) -> None:
    (check,) = template.one("data.aws_acm_certificate", "shared_certificate")["lifecycle"]["postcondition"]
    checked = re.findall(r'"([^"]+\.[^"]+)"', check["condition"].split(" : ")[0])
    assert checked == list(settings.hosts)


@pytest.mark.parametrize("name", account.SETTINGS.names())
def test_the_designed_accounts_certificate_and_instance_are_found_by_name(
    designed: dict[str, Template], name: str
) -> None:
    stack = designed[name]
    assert stack.one("data.aws_acm_certificate", "shared_certificate")["domain"] == "*.mosaiclife.me"
    instance = stack.one("data.aws_db_instance", "shared_rds_instance")
    assert instance["db_instance_identifier"] == "mosaic-prod-db"
    login = stack.one("ephemeral.aws_secretsmanager_secret_version", "shared_database_login")
    paths = (f'"mosaic/{name}/database/{role}"' for role in ("deploy", "plan"))
    assert login["secret_id"] == '${var.role == "deploy" ? %s : %s}' % (*paths,)  # noqa: UP031 braces are Terraform's
    assert not stack.all("data.aws_rds_cluster")

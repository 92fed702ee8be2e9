"""Possible accounts besides the one in the settings: each setting has its effect in both kinds of stack."""

import json
from pathlib import Path
from typing import Any

import pytest

from environments.schema.settings import Shared
from modules.model.selected_settings import SHARED
from tests.synth.synthesis import synthesize_bootstrap, synthesize_settings
from tests.synth.template import Template
from tests.unit.environments.example import environment

AURORA = {"kind": "cluster", "name": "mosaic-prod-aurora", "administrator_secret": "mosaic/prod/rds/credentials"}
MANAGED = {"kind": "cluster", "name": "mosaic-prod-aurora"}
HERE = f"{SHARED.region}:{SHARED.account}"


def shared_with(**changes: object) -> Shared:
    """Return the account with other settings."""
    return Shared.model_validate({**SHARED.model_dump(), **changes})


def statements(stack: Template, role: str) -> dict[str, Any]:
    """Return the permissions of an environment's role, by statement name."""
    policy = json.loads(stack.one("aws_iam_role_policy", f"environment_test_{role}_rights")["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


@pytest.fixture(scope="module")
def aurora(tmp_path_factory: pytest.TempPathFactory) -> Template:
    folder = tmp_path_factory.mktemp("aurora")
    return synthesize_settings(folder, environment(), shared_with(database_server=AURORA))


def test_an_aurora_cluster_is_read_as_a_cluster(aurora: Template) -> None:
    assert not aurora.all("data.aws_db_instance")
    cluster = aurora.one("data.aws_rds_cluster", "shared_rds_cluster")
    assert cluster["cluster_identifier"] == "mosaic-prod-aurora"
    (version,) = cluster["lifecycle"]["postcondition"]
    assert version["condition"] == (
        '${self.engine == "aurora-postgresql" && tonumber(split(".", self.engine_version)[0]) >= 16}'
    )
    assert version["error_message"].startswith(
        "The Aurora cluster mosaic-prod-aurora is not PostgreSQL 16 or newer: before it, a role that may create roles"
    )
    (provider,) = aurora.document["provider"]["postgresql"]
    reference = "data.aws_rds_cluster.shared_rds_cluster"
    assert (provider["host"], provider["port"]) == (f"${{{reference}.endpoint}}", f"${{{reference}.port}}")
    (step,) = aurora.one("terraform_data", "database_credentials_value")["provisioner"]
    assert f"\"host\": '${{{reference}.endpoint}}'" in step["local-exec"]["environment"]["CONTENT"]


def test_the_administrators_login_is_read_from_the_named_secret_and_checked(tmp_path: Path) -> None:
    bootstrap = synthesize_bootstrap(tmp_path, environment(), shared_with(database_server=AURORA))
    login = bootstrap.one("ephemeral.aws_secretsmanager_secret_version", "database_administrator")
    assert login["secret_id"] == '${"mosaic/prod/rds/credentials"}'
    ((_, grant),) = bootstrap.all("postgresql_grant_role").items()
    (condition,) = grant["lifecycle"]["precondition"]
    stored = "ephemeral.aws_secretsmanager_secret_version.database_administrator.secret_string"
    assert condition["condition"] == (
        f"${{jsondecode({stored}).username == data.aws_rds_cluster.database.master_username}}"
    )
    assert "mosaic/prod/rds/credentials is not the login of the administrator" in condition["error_message"]


@pytest.mark.parametrize("server", [MANAGED, {"kind": "instance", "name": "mosaic-prod-db"}])
def test_a_login_set_as_managed_by_rds_must_be_managed_by_rds(tmp_path: Path, server: dict[str, str]) -> None:
    for stack in (
        synthesize_settings(tmp_path / "environment", environment(), shared_with(database_server=server)),
        synthesize_bootstrap(tmp_path / "bootstrap", environment(), shared_with(database_server=server)),
    ):
        kind = "rds_cluster" if server["kind"] == "cluster" else "db_instance"
        ((_, body),) = stack.all(f"data.aws_{kind}").items()
        messages = {it["condition"]: it["error_message"] for it in body["lifecycle"]["postcondition"]}
        said = messages["${try(length(self.master_user_secret) == 1, false)}"]
        assert said.startswith("RDS does not manage the administrator's login of the ")
        assert "allowed: database_server.administrator_secret with the path" in said


def test_the_roles_read_the_cluster_and_their_own_login(tmp_path: Path) -> None:
    stack = synthesize_bootstrap(tmp_path, environment(), shared_with(database_server=AURORA))
    for role in ("plan", "deploy"):
        found = statements(stack, role)
        assert found["ReadDatabase"]["Action"] == ["rds:DescribeDBClusters", "rds:ListTagsForResource"]
        assert found["ReadDatabase"]["Resource"] == [f"arn:aws:rds:{HERE}:cluster:mosaic-prod-aurora"]
        assert found["LogInToDatabase"]["Resource"] == [
            f"${{aws_secretsmanager_secret.environment_test_{role}_login.arn}}"
        ]


ARN = f"arn:aws:acm:{HERE}:certificate/0123-4567"


def test_a_certificate_is_found_by_its_primary_domain(tmp_path: Path) -> None:
    shared = shared_with(certificate={"domain": "mosaiclife.me", "names": ("*.deep.mosaiclife.me",)})
    settings = environment({"core_api.hosts": ("a.deep.mosaiclife.me",)})
    stack = synthesize_settings(tmp_path, settings, shared)
    found = stack.one("data.aws_acm_certificate", "shared_certificate")
    assert (found["domain"], found["statuses"], found["most_recent"]) == ("mosaiclife.me", ["ISSUED"], True)
    (check,) = found["lifecycle"]["postcondition"]
    assert check["error_message"].startswith(
        "The certificate of mosaiclife.me has no name for one of test.mosaiclife.me, a.deep.mosaiclife.me: "
    )


def test_a_certificate_named_by_arn_is_used_directly(tmp_path: Path) -> None:
    stack = synthesize_settings(tmp_path, environment(), shared_with(certificate={"arn": ARN}))
    assert not stack.all("data.aws_acm_certificate")
    for name in ("web", "core_api"):
        ingress = stack.one("kubernetes_ingress_v1", f"{name}_ingress")
        assert ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/certificate-arn"] == ARN


IDS = {"owner_id": 188463562, "repository_id": 1029384756}
OLD = f"repo:{SHARED.repository}"
NEW = "repo:mosaic-stories@188463562/platform@1029384756"


def subjects(stack: Template, role: str) -> list[str]:
    """Return the GitHub token subjects that an environment's role trusts."""
    (statement,) = json.loads(stack.one("aws_iam_role", f"environment_test_{role}")["assume_role_policy"])["Statement"]
    found: list[str] = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    return found


@pytest.mark.parametrize(("form", "prefixes"), [("names", [OLD]), ("immutable", [NEW]), ("both", [OLD, NEW])])
def test_each_subject_format_is_trusted_according_to_the_settings(
    tmp_path: Path, form: str, prefixes: list[str]
) -> None:
    stack = synthesize_bootstrap(tmp_path, environment(), shared_with(github={**IDS, "subject": form}))
    assert subjects(stack, "deploy") == [f"{prefix}:environment:test" for prefix in prefixes]
    assert subjects(stack, "plan") == [f"{prefix}:ref:refs/heads/main" for prefix in prefixes]


def test_an_existing_identity_provider_is_read_and_our_own_is_kept(tmp_path: Path) -> None:
    stack = synthesize_bootstrap(tmp_path, environment(), shared_with(github={"identity_provider": "existing"}))
    assert not stack.all("aws_iam_openid_connect_provider")
    provider = stack.one("data.aws_iam_openid_connect_provider", "github")
    assert provider["url"] == "https://token.actions.githubusercontent.com"
    (check,) = provider["lifecycle"]["postcondition"]
    assert check["condition"] == '${contains(self.client_id_list, "sts.amazonaws.com")}'
    assert stack.document["removed"] == [
        {"from": "aws_iam_openid_connect_provider.github", "lifecycle": {"destroy": False}}
    ]
    (statement,) = json.loads(stack.one("aws_iam_role", "environment_test_plan")["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"Federated": "${data.aws_iam_openid_connect_provider.github.arn}"}


@pytest.mark.parametrize(
    ("instance", "target"),
    [
        ("i-0123456789abcdef0", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0"),
        ("mi-0123456789abcdef0", f"arn:aws:ssm:{HERE}:managed-instance/mi-0123456789abcdef0"),
    ],
)
def test_both_roles_may_open_their_environments_tunnel(tmp_path: Path, instance: str, target: str) -> None:
    stack = synthesize_bootstrap(tmp_path, environment({"tunnel_instance": instance}))
    for role in ("plan", "deploy"):
        found = statements(stack, role)
        document = f"arn:aws:ssm:{SHARED.region}::document/AWS-StartPortForwardingSessionToRemoteHost"
        assert found["OpenTunnel"]["Action"] == ["ssm:StartSession"]
        assert found["OpenTunnel"]["Resource"] == [target, document]
        assert found["OpenTunnel"]["Condition"] == {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}
        # Two dollars: an IAM variable, not a Terraform expression.
        assert found["UseTunnel"]["Resource"] == [f"arn:aws:ssm:{HERE}:session/$${{aws:userid}}-*"]


def test_without_a_tunnel_no_role_can_open_a_session(tmp_path: Path) -> None:
    stack = synthesize_bootstrap(tmp_path, environment())
    for role in ("plan", "deploy"):
        actions = [action for statement in statements(stack, role).values() for action in statement["Action"]]
        assert not [action for action in actions if action.startswith("ssm")]

"""The role of core-api's pods: who can assume it, and what it may do."""

import json
import re
from itertools import product

from environments.schema.settings import Environment
from modules.model.core_api_permissions import core_api_permissions, secret_arn
from modules.model.names import Names
from modules.model.selected_settings import SHARED
from tests.synth.template import Body, Template

_PROVIDER = "data.aws_iam_openid_connect_provider.shared_oidc_provider"
_OWN = re.compile(r"\$\{(aws_\w+\.\w+)\.arn\}(/\*)?")


def _statements(document: str) -> list[Body]:
    policy = json.loads(document)
    assert policy["Version"] == "2012-10-17"
    statements: list[Body] = policy["Statement"]
    return statements


def _service_accounts(template: Template) -> dict[str, str]:
    """Of each service account that acts as a role: its subject, and the reference to the role."""
    return {
        f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}": metadata["annotations"][
            "eks.amazonaws.com/role-arn"
        ]
        for address, metadata in template.kubernetes.items()
        if address.startswith("kubernetes_service_account_v1.") and "annotations" in metadata
    }


def test_a_role_trusts_one_service_account_of_its_stack(whole: Template) -> None:
    trusted = {}
    for name, body in whole.all("aws_iam_role").items():
        (statement,) = _statements(body["assume_role_policy"])
        condition = statement.pop("Condition")
        assert statement == {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": f"${{{_PROVIDER}.arn}}"},
        }
        assert set(condition) == {"StringEquals"}, "StringLike would let a pattern in"
        claims = condition["StringEquals"]
        assert set(claims) == {f"${{{_PROVIDER}.url}}:sub", f"${{{_PROVIDER}.url}}:aud"}
        assert claims[f"${{{_PROVIDER}.url}}:aud"] == "sts.amazonaws.com"
        trusted[claims[f"${{{_PROVIDER}.url}}:sub"]] = f"${{aws_iam_role.{name}.arn}}"
    assert trusted
    assert trusted == _service_accounts(whole)


def test_a_policy_names_each_action_and_reaches_only_resources_of_its_stack(template: Template) -> None:
    for name, body in template.some("aws_iam_role_policy").items():
        for statement in _statements(body["policy"]):
            assert set(statement) == {"Effect", "Action", "Resource"}, name
            assert not [action for action in statement["Action"] if "*" in action], name
            for resource in statement["Resource"]:
                reference = _OWN.fullmatch(resource)
                assert reference is not None, f"{name}: {resource} is not a resource of this stack"
                assert reference[1] in template.bodies, f"{name}: {resource}"
                assert not reference[2] or reference[1].startswith("aws_s3_bucket."), f"{name}: {resource}"


def test_core_api_may_do_exactly_this(template: Template) -> None:
    allowed: dict[str, set[str]] = {}
    for body in template.all("aws_iam_role_policy").values():
        for statement in _statements(body["policy"]):
            assert statement["Effect"] == "Allow"
            for resource in statement["Resource"]:
                allowed.setdefault(resource, set()).update(statement["Action"])
    bucket = {"s3:ListBucket", "s3:GetBucketLocation"}
    objects = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}
    secret = {"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}
    assert allowed == {
        "${aws_s3_bucket.media.arn}": bucket,
        "${aws_s3_bucket.media.arn}/*": objects,
        "${aws_s3_bucket.backups.arn}": bucket,
        "${aws_s3_bucket.backups.arn}/*": objects,
        "${aws_secretsmanager_secret.database_credentials.arn}": secret,
        "${aws_secretsmanager_secret.session_key.arn}": secret,
        "${aws_secretsmanager_secret.internal_api_token.arn}": secret,
    }


def test_the_boundary_and_an_adoption_know_exactly_what_the_role_is_granted(
    template: Template, settings: Environment
) -> None:
    granted = {
        (action, _arn(template, resource))
        for body in template.some("aws_iam_role_policy").values()
        for statement in _statements(body["policy"])
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    assert granted == {
        (action, resource)
        for statement in core_api_permissions(settings, SHARED, Names.of(settings, SHARED))
        for action, resource in product(_listed(statement["Action"]), _listed(statement["Resource"]))
    }


def _arn(template: Template, reference: str) -> str:
    """The ARN that AWS will give to what a policy refers to."""
    found = _OWN.fullmatch(reference)
    assert found is not None
    body = template.resolve(template.bodies[found[1]])
    return f"arn:aws:s3:::{body['bucket']}{found[2] or ''}" if "bucket" in body else secret_arn(SHARED, body["name"])


def _listed(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def test_nothing_else_can_be_attached_to_the_role(template: Template) -> None:
    name = template.one("aws_iam_role", "core_api_role")["name"]
    policies = {body["name"] for body in template.all("aws_iam_role_policy").values()}
    exclusive = template.resolve(template.one("aws_iam_role_policies_exclusive", "core_api_role_policies"))
    assert (exclusive["role_name"], set(exclusive["policy_names"])) == (name, policies)
    attachments = template.resolve(
        template.one("aws_iam_role_policy_attachments_exclusive", "core_api_role_attachments")
    )
    assert (attachments["role_name"], attachments["policy_arns"]) == (name, [])
    assert {template.resolve(body["role"]) for body in template.all("aws_iam_role_policy").values()} == {name}
    assert template.count("aws_iam_role_policy_attachment") == 0

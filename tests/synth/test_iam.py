"""The roles of core-api's pods and of the secret store: their trust and permissions."""

import json
import re
from collections.abc import Iterable
from itertools import product

import pytest

from environments.schema.settings import Environment
from modules.model.core_api_permissions import core_api_permissions, secret_arn
from modules.model.iam_policies import boundary_arn
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets
from modules.model.selected_settings import SHARED
from tests.synth.template import Body, Template

_PROVIDER = "data.aws_iam_openid_connect_provider.shared_oidc_provider"
_OWN = re.compile(r"\$\{(aws_\w+\.\w+)\.arn\}(/\*)?")


def _bucket_arns(settings: Environment) -> list[str]:
    """Return a stack's names for the two buckets: literal for a preview, whose buckets bootstrap makes."""
    if settings.slot is None:
        return ["${aws_s3_bucket.media.arn}", "${aws_s3_bucket.backups.arn}"]
    return [f"arn:aws:s3:::mosaic-{settings.name}-{purpose}-{SHARED.account}" for purpose in ("media", "backups")]


def _object_arns(settings: Environment) -> list[str]:
    return [f"{bucket}/*" for bucket in _bucket_arns(settings)]


def _statements(document: str) -> list[Body]:
    policy = json.loads(document)
    assert policy["Version"] == "2012-10-17"
    statements: list[Body] = policy["Statement"]
    return statements


def _service_accounts(template: Template) -> dict[str, str]:
    """Return the subject and role reference of each service account with a role."""
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


def _policies(template: Template, role: str = "core_api_role") -> dict[str, list[Body]]:
    """Return the statements of a role's policies, by policy name."""
    found = {
        body["name"]: _statements(body["policy"])
        for body in template.some("aws_iam_role_policy").values()
        if body["role"] == f"${{aws_iam_role.{role}.name}}"
    }
    assert found
    return found


def test_core_apis_policies_name_each_action_and_only_stack_or_capability_resources(
    template: Template, settings: Environment
) -> None:
    for name, statements in _policies(template).items():
        for statement in statements:
            assert not [action for action in statement["Action"] if "*" in action], name
            assert statement["Effect"] == "Allow", name
            if name in settings.capabilities:
                continue
            assert set(statement) == {"Effect", "Action", "Resource"}, name
            for resource in statement["Resource"]:
                if settings.slot is not None and resource in (*_bucket_arns(settings), *_object_arns(settings)):
                    continue
                reference = _OWN.fullmatch(resource)
                assert reference is not None, f"{name}: {resource} is not a resource of this stack"
                assert reference[1] in template.bodies, f"{name}: {resource}"
                assert not reference[2] or reference[1].startswith("aws_s3_bucket."), f"{name}: {resource}"


def _allowed(statements: Iterable[Body]) -> dict[str, set[str]]:
    """Return every action that the statements allow, by resource."""
    allowed: dict[str, set[str]] = {}
    for statement in statements:
        for resource in statement["Resource"]:
            allowed.setdefault(resource, set()).update(statement["Action"])
    return allowed


def test_core_apis_permissions_in_its_own_environment(template: Template, settings: Environment) -> None:
    own = [
        statement
        for name, statements in _policies(template).items()
        if name not in settings.capabilities
        for statement in statements
    ]
    bucket = {"s3:ListBucket", "s3:GetBucketLocation"}
    objects = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}
    secret = {"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}
    assert _allowed(own) == {
        **dict.fromkeys(_bucket_arns(settings), bucket),
        **dict.fromkeys(_object_arns(settings), objects),
        "${aws_secretsmanager_secret.database_credentials.arn}": secret,
        "${aws_secretsmanager_secret.session_key.arn}": secret,
        "${aws_secretsmanager_secret.internal_api_token.arn}": secret,
    }


_HERE = "us-east-1:033691785857"
_GUARDRAILS = {"prod": "o1m8awhi99vh", "staging": "a1kbuwc508sp"}


@pytest.mark.parametrize("name", ["prod", "staging"])
def test_core_apis_permissions_from_capabilities(templates: dict[str, Template], name: str) -> None:
    """The same as the application's infrastructure granted before: infra/cdk/lib of mosaic-stories/mosaic-life."""
    policies = _policies(templates[name])
    assert set(policies) - {"media", "backups", "secrets"} == {
        *("ses", "bedrock", "bedrock-guardrail", "marketplace", "sns", "sqs", "neptune")
    }
    models = {"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"}
    graph = f"arn:aws:neptune-db:{_HERE}:cluster-UNKNOWN/*"
    expected = {
        "ses": {
            "*": {
                *("ses:SendEmail", "ses:SendRawEmail"),
                *("ses:GetSendQuota", "ses:GetSendStatistics", "ses:ListVerifiedEmailAddresses"),
            }
        },
        "bedrock": {
            arn: models
            for region in ("us-east-1", "us-east-2", "us-west-2")
            for arn in (
                f"arn:aws:bedrock:{region}::foundation-model/anthropic.*",
                f"arn:aws:bedrock:{region}::foundation-model/amazon.titan-embed-text-v2:0",
                f"arn:aws:bedrock:{region}:033691785857:inference-profile/us.anthropic.*",
            )
        },
        "bedrock-guardrail": {f"arn:aws:bedrock:{_HERE}:guardrail/{_GUARDRAILS[name]}": {"bedrock:ApplyGuardrail"}},
        "marketplace": {
            "*": {
                *("aws-marketplace:ViewSubscriptions", "aws-marketplace:Subscribe", "aws-marketplace:Unsubscribe"),
            }
        },
        "sns": {f"arn:aws:sns:{_HERE}:mosaic-{name}-domain-events": {"sns:Publish"}},
        "sqs": {
            f"arn:aws:sqs:{_HERE}:mosaic-{name}-events": {
                *("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
                "sqs:ReceiveMessage",
            }
        },
        "neptune": {
            graph: {
                *("neptune-db:connect", "neptune-db:GetQueryStatus", "neptune-db:ReadDataViaQuery"),
                *("neptune-db:WriteDataViaQuery", "neptune-db:DeleteDataViaQuery"),
            }
        },
    }
    assert {title: _allowed(policies[title]) for title in expected} == expected
    conditions = [
        (title, set(statement["Action"]), statement["Condition"])
        for title, statements in policies.items()
        for statement in statements
        if "Condition" in statement
    ]
    sending = {"ses:SendEmail", "ses:SendRawEmail"}
    assert sorted(conditions, key=lambda it: it[0]) == [
        (
            "neptune",
            expected["neptune"][graph] - {"neptune-db:connect"},
            {"StringEquals": {"neptune-db:QueryLanguage": "OpenCypher"}},
        ),
        ("ses", sending, {"StringEquals": {"ses:FromAddress": "noreply@mosaiclife.me"}}),
    ]


def test_core_api_has_no_other_permissions_without_capabilities(designed: dict[str, Template]) -> None:
    for name in ("prod", "staging"):
        assert set(_policies(designed[name])) == {"media", "backups", "secrets"}


def test_the_boundary_and_an_adoption_match_the_roles_permissions(template: Template, settings: Environment) -> None:
    granted = {
        (action, _arn(template, resource))
        for statements in _policies(template).values()
        for statement in statements
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    assert granted == {
        (action, resource)
        for statement in core_api_permissions(settings, SHARED, Names.of(settings, SHARED))
        for action, resource in product(_listed(statement["Action"]), _listed(statement["Resource"]))
    }


def _arn(template: Template, reference: str) -> str:
    """Return the ARN that AWS will give to a policy's reference; a capability's policy has it literally."""
    if not reference.startswith("${"):
        return reference
    found = _OWN.fullmatch(reference)
    assert found is not None
    body = template.resolve(template.bodies[found[1]])
    return f"arn:aws:s3:::{body['bucket']}{found[2] or ''}" if "bucket" in body else secret_arn(SHARED, body["name"])


def test_the_secret_store_may_read_exactly_the_external_secrets_sources(
    template: Template, settings: Environment
) -> None:
    """Its own secrets by exact references; others' secrets by the exact paths that AWS uses."""
    (statements,) = _policies(template, "secret_store_role").values()
    for statement in statements:
        assert set(statement) == {"Effect", "Action", "Resource"}
        assert statement["Effect"] == "Allow"
    allowed = _allowed(statements)
    assert set(map(frozenset, allowed.values())) == {
        frozenset({"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"})
    }
    secrets = ApplicationSecrets.of(settings, SHARED, Names.of(settings, SHARED))
    assert {_arn(template, resource) for resource in allowed} == {secret_arn(SHARED, it.path) for it in secrets.all}
    assert {resource for resource in allowed if resource.startswith("${")} == {
        f"${{aws_secretsmanager_secret.{name}.arn}}"
        for name in ("database_credentials", "session_key", "internal_api_token")
    }


def test_every_role_has_the_environments_boundary(template: Template, settings: Environment) -> None:
    for name, role in template.some("aws_iam_role").items():
        assert role["permissions_boundary"] == boundary_arn(Names.of(settings, SHARED), SHARED), name


def _listed(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


@pytest.mark.parametrize("role", ["core_api_role", "secret_store_role"])
def test_nothing_else_can_be_attached_to_a_role(template: Template, role: str) -> None:
    name = template.one("aws_iam_role", role)["name"]
    exclusive = template.resolve(template.one("aws_iam_role_policies_exclusive", f"{role}_policies"))
    assert (exclusive["role_name"], set(exclusive["policy_names"])) == (name, set(_policies(template, role)))
    attachments = template.resolve(template.one("aws_iam_role_policy_attachments_exclusive", f"{role}_attachments"))
    assert (attachments["role_name"], attachments["policy_arns"]) == (name, [])
    assert template.count("aws_iam_role_policy_attachment") == 0


def test_every_policy_belongs_to_one_of_these_roles(template: Template) -> None:
    found = [*_policies(template), *_policies(template, "secret_store_role")]
    assert len(found) == template.count("aws_iam_role_policy")

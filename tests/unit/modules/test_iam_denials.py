"""Actions explicitly denied to delivery roles by their own policy, even if something else allows them."""

import re
from itertools import product

import pytest

from environments.schema.settings import Environment, Shared
from local.aws.iam.policy import Decision, Request, evaluate
from modules.model.iam_policies import EnvironmentPolicies, boundary_arn
from modules.model.names import Names, state_key
from modules.model.selected_settings import SETTINGS, SHARED
from tests.unit.environments.example import environment as example

KINDS = ("plan", "deploy")
PROTECTED = [name for name in SETTINGS.names() if SETTINGS.find(name).protected]
OPEN = [name for name in SETTINGS.lasting_names() if name not in PROTECTED]
PREVIEWS = [name for name in SETTINGS.names() if SETTINGS.find(name).slot is not None]
ROLES = [*product(SETTINGS.names(), KINDS)]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
GIVING_AWAY = (
    *("DeleteBucket", "DeleteBucketPolicy", "PutBucketAcl", "PutBucketPolicy", "PutBucketVersioning"),
    *("PutLifecycleConfiguration", "PutReplicationConfiguration"),
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LARGEST_INLINE_POLICIES = 10_240


def document(environment: Environment, kind: str, shared: Shared = SHARED) -> str:
    found: str = getattr(
        EnvironmentPolicies(
            environment=environment,
            shared=shared,
            names=Names.of(environment, shared),
            oidc_provider_arn=f"arn:aws:iam::{shared.account}:oidc-provider/oidc.example.com/id/1",
            deploy_login_arn=f"arn:aws:secretsmanager:{shared.region}:{shared.account}:secret:deploy-AbCdEf",
            plan_login_arn=f"arn:aws:secretsmanager:{shared.region}:{shared.account}:secret:plan-AbCdEf",
            database_subnet_group="mosaic-database",
            vpc="vpc-0123456789abcdef0",
        ),
        kind,
    )
    return found


def denies(name: str, kind: str, action: str, resource: str, boundary: str | None = None) -> bool:
    request = Request(
        action=action, resource=resource, context={"iam:permissionsboundary": [boundary] if boundary else []}
    )
    return evaluate(document(SETTINGS.find(name), kind), request) is Decision.EXPLICIT_DENY


def names_of(name: str) -> Names:
    return Names.of(SETTINGS.find(name), SHARED)


def role(name: str) -> str:
    return f"arn:aws:iam::{SHARED.account}:role/{name}"


def buckets(name: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:s3:::{bucket}" for bucket in (names_of(name).media_bucket, names_of(name).backups_bucket))


def secrets(name: str) -> list[str]:
    here = f"arn:aws:secretsmanager:{SHARED.region}:{SHARED.account}:secret"
    return [f"{here}:{path}-AbCdEf" for path in names_of(name).secret_paths]


@pytest.mark.parametrize(("name", "kind"), ROLES)
def test_the_states_history_is_kept_and_only_the_lock_can_be_deleted(name: str, kind: str) -> None:
    bucket = f"arn:aws:s3:::{names_of(name).state_bucket}"
    state = f"{bucket}/{state_key(name)}"
    for action in GIVING_AWAY:
        assert denies(name, kind, f"s3:{action}", bucket), action
    for thing in (state, f"{state}.tflock", f"{bucket}/anything"):
        assert denies(name, kind, "s3:DeleteObjectVersion", thing), thing
    assert denies(name, kind, "s3:DeleteObject", state)
    assert denies(name, kind, "s3:DeleteObject", f"{bucket}/anything")
    assert denies(name, kind, "s3:DeleteObject", f"{state}.tflock") is (kind == "plan")


@pytest.mark.parametrize(("name", "kind"), ROLES)
def test_delivery_roles_cannot_change_any_identity_or_the_boundary(name: str, kind: str) -> None:
    names = names_of(name)
    for who in (names.plan_role, names.deploy_role, "another"):
        for action in ("PutRolePolicy", "UpdateAssumeRolePolicy", "CreateRole", "DeleteRole", "TagRole", "UpdateRole"):
            assert denies(name, kind, f"iam:{action}", role(who), boundary_arn(names, SHARED)), action
    for action in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"):
        assert denies(name, kind, f"iam:{action}", boundary_arn(names, SHARED)), action
    user = f"arn:aws:iam::{SHARED.account}:user/somebody"
    for action in ("CreateUser", "CreateAccessKey", "AttachUserPolicy", "UpdateLoginProfile", "UploadSSHPublicKey"):
        assert denies(name, kind, f"iam:{action}", user), action


@pytest.mark.parametrize("name", SETTINGS.names())
def test_a_boundary_cannot_be_replaced_or_removed_and_every_new_role_has_it(name: str) -> None:
    own, boundary = role(names_of(name).core_api_role), boundary_arn(names_of(name), SHARED)
    for action in ("CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy", "DeleteRolePolicy", "DetachRolePolicy"):
        assert denies(name, "deploy", f"iam:{action}", own), action
        assert denies(name, "deploy", f"iam:{action}", own, ADMINISTRATOR), action
        assert not denies(name, "deploy", f"iam:{action}", own, boundary), action
    for action in ("DeleteRolePermissionsBoundary", "AttachRolePolicy", "PassRole"):
        assert denies(name, "deploy", f"iam:{action}", own, boundary), action


@pytest.mark.parametrize(("name", "kind"), [*product(PROTECTED, KINDS)])
def test_a_protected_environments_objects_are_out_of_reach(name: str, kind: str) -> None:
    for bucket in buckets(name):
        for action in (
            *(
                "GetObject",
                "GetObjectVersion",
                "GetObjectAttributes",
                "GetObjectTorrent",
                "GetObjectVersionForReplication",
            ),
            *("DeleteObject", "DeleteObjectVersion", "PutObject", "PutObjectAcl", "RestoreObject", "ReplicateObject"),
        ):
            assert denies(name, kind, f"s3:{action}", f"{bucket}/a/1.jpg"), action


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_environments_deploy_cannot_expose_buckets_delete_secrets_or_change_trust(name: str) -> None:
    for action, bucket in product(GIVING_AWAY, buckets(name)):
        assert denies(name, "deploy", f"s3:{action}", bucket), action
    for action, secret in product(("DeleteSecret", "PutResourcePolicy"), secrets(name)):
        assert denies(name, "deploy", f"secretsmanager:{action}", secret), action
    own = role(names_of(name).core_api_role)
    assert denies(name, "deploy", "iam:UpdateAssumeRolePolicy", own, boundary_arn(names_of(name), SHARED))


@pytest.mark.parametrize("name", SETTINGS.names())
def test_a_deploys_own_actions_are_not_denied(name: str) -> None:
    names = names_of(name)
    bounded = boundary_arn(names, SHARED)
    for action, secret in product(("PutSecretValue", "CreateSecret", "GetSecretValue", "TagResource"), secrets(name)):
        assert not denies(name, "deploy", f"secretsmanager:{action}", secret), action
    for action in ("CreateRole", "PutRolePolicy", "TagRole", "UpdateRole"):
        assert not denies(name, "deploy", f"iam:{action}", role(names.core_api_role), bounded), action
    for action, bucket in product(
        ("PutBucketTagging", "PutBucketCORS", "GetBucketPolicy", "ListBucket"), buckets(name)
    ):
        assert not denies(name, "deploy", f"s3:{action}", bucket), action
    state = f"arn:aws:s3:::{names.state_bucket}/{state_key(name)}"
    assert not denies(name, "deploy", "s3:PutObject", state)


@pytest.mark.parametrize("name", OPEN)
def test_an_open_environment_can_be_destroyed(name: str) -> None:
    for bucket in buckets(name):
        for action in ("DeleteBucket", "DeleteBucketPolicy", "PutLifecycleConfiguration", "PutBucketVersioning"):
            assert not denies(name, "deploy", f"s3:{action}", bucket), action
        for action in ("DeleteObject", "DeleteObjectVersion"):
            assert not denies(name, "deploy", f"s3:{action}", f"{bucket}/a"), action
    for secret in secrets(name):
        assert not denies(name, "deploy", "secretsmanager:DeleteSecret", secret)
    bounded = boundary_arn(names_of(name), SHARED)
    assert not denies(name, "deploy", "iam:DeleteRole", role(names_of(name).core_api_role), bounded)


@pytest.mark.parametrize("name", PREVIEWS)
def test_a_preview_is_emptied_and_keeps_its_buckets(name: str) -> None:
    for bucket in buckets(name):
        for action in GIVING_AWAY:
            assert denies(name, "deploy", f"s3:{action}", bucket), action
        for action in ("DeleteObject", "DeleteObjectVersion"):
            assert not denies(name, "deploy", f"s3:{action}", f"{bucket}/a"), action
    assert not any(denies(name, "deploy", "secretsmanager:DeleteSecret", secret) for secret in secrets(name))


@pytest.mark.parametrize(("kind", "protected"), [*product(KINDS, (True, False))])
def test_the_longest_name_still_fits_into_a_policy_with_the_denials(kind: str, protected: bool) -> None:  # noqa: FBT001
    longest = 63 - len(f"mosaic--terraform-state-{SHARED.account}")
    settings = example({"name": "a" * longest, "protected": protected, "tunnel_instance": f"i-{'0' * 17}"})
    assert len(re.sub(r"\s", "", document(settings, kind))) <= LARGEST_INLINE_POLICIES

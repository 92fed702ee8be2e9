"""The permissions of an environment's delivery roles, evaluated from the policy documents."""

import json
import re
from functools import cache
from itertools import chain, permutations, product
from typing import Any

import pytest

from environments.applications import APPLICATIONS
from environments.schema.settings import Environment, Shared
from local.aws.iam.policy import Decision, Request, evaluate
from modules.model.capabilities import permissions_of
from modules.model.iam_policies import EnvironmentPolicies, boundary_arn, previews_policy
from modules.model.names import Names, bootstrap_state_bucket, claims_object, state_key
from modules.model.secrets import ApplicationSecrets
from modules.model.selected_settings import SETTINGS, SHARED, settings_of
from tests.unit.environments.example import environment as example

HERE = f"{SHARED.region}:{SHARED.account}"
ADMINISTRATOR = f"arn:aws:secretsmanager:{HERE}:secret:mosaic/prod/rds/credentials-AbCdEf"
MANAGED_ADMINISTRATOR = f"arn:aws:secretsmanager:{HERE}:secret:rds!db-1-AbCdEf"
LOGINS = {kind: f"arn:aws:secretsmanager:{HERE}:secret:{kind}-login-AbCdEf" for kind in ("plan", "deploy")}
OIDC_PROVIDER = f"arn:aws:iam::{SHARED.account}:oidc-provider/oidc.example.com/id/1"
FINDING_CLAIMS = ("s3:ListBucket", f"arn:aws:s3:::{bootstrap_state_bucket(SHARED)}")
READING = re.compile(r"\w+:(BatchGet|Get|List|Describe)\w+")
PAIRS = list(permutations(SETTINGS.names(), 2))
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LARGEST_INLINE_POLICIES, LARGEST_MANAGED_POLICY = 10_240, 6_144


def login(environment: str, role: str) -> str:
    """Return the ARN of the secret with a database login."""
    return f"arn:aws:secretsmanager:{HERE}:secret:mosaic/{environment}/database/{role}-AbCdEf"


def policies(environment: Environment, shared: Shared = SHARED) -> EnvironmentPolicies:
    return EnvironmentPolicies(
        environment=environment,
        shared=shared,
        names=Names.of(environment, shared),
        oidc_provider_arn=OIDC_PROVIDER,
        deploy_login_arn=LOGINS["deploy"],
        plan_login_arn=LOGINS["plan"],
        database_subnet_group="mosaic-database",
        vpc="vpc-0123456789abcdef0",
    )


@cache
def of(name: str) -> EnvironmentPolicies:
    return policies(SETTINGS.find(name))


@cache
def _read(document: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(document)
    return content


def allows(document: str, action: str, resource: str, boundary: str = "") -> bool:
    context = {"iam:permissionsboundary": [boundary] if boundary else []}
    return evaluate(_read(document), Request(action=action, resource=resource, context=context)) is Decision.ALLOWED


def statements(document: str, effect: str = "Allow") -> list[dict[str, Any]]:
    return [statement for statement in _read(document)["Statement"] if statement["Effect"] == effect]


def actions(document: str) -> set[str]:
    return {action for statement in statements(document) for action in statement["Action"]}


def limited(document: str) -> set[str]:
    """Return the actions that are allowed only on some resources."""
    return {
        action for statement in statements(document) for action in statement["Action"] if statement["Resource"] != ["*"]
    }


def role(name: str) -> str:
    return f"arn:aws:iam::{SHARED.account}:role/{name}"


@cache
def belongings(name: str) -> list[str]:
    """Return the ARNs of everything with this environment's name."""
    names = Names.of(SETTINGS.find(name), SHARED)
    buckets = [f"arn:aws:s3:::{it}" for it in (names.media_bucket, names.backups_bucket, names.state_bucket)]
    return [
        *buckets,
        *(f"{bucket}/{key}" for bucket in buckets for key in ("a", state_key(name), f"{state_key(name)}.tflock")),
        *(f"arn:aws:secretsmanager:{HERE}:secret:{it}-AbCdEf" for it in names.secret_paths),
        *(role(it) for it in (names.core_api_role, names.secret_store_role, names.plan_role, names.deploy_role)),
        boundary_arn(names, SHARED),
    ]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_role_reaches_objects_with_another_environments_name(one: str, other: str) -> None:
    for document in (of(one).plan, of(one).deploy, of(one).boundary):
        for action in limited(document):
            for resource in belongings(other):
                assert not allows(document, action, resource, of(one).boundary_arn), f"{action} on {resource}"


@pytest.mark.parametrize("name", SETTINGS.names())
def test_no_role_can_change_delivery_roles_boundaries_or_bootstraps_objects(name: str) -> None:
    names = Names.of(SETTINGS.find(name), SHARED)
    out_of_reach = [
        role(names.plan_role),
        role(names.deploy_role),
        role("anything"),
        boundary_arn(names, SHARED),
        f"arn:aws:iam::{SHARED.account}:policy/anything",
        f"arn:aws:iam::{SHARED.account}:oidc-provider/token.actions.githubusercontent.com",
        f"arn:aws:s3:::mosaic-bootstrap-terraform-state-{SHARED.account}",
        f"arn:aws:s3:::mosaic-bootstrap-terraform-state-{SHARED.account}/bootstrap/terraform.tfstate",
    ]
    for document in (of(name).plan, of(name).deploy, of(name).boundary):
        for action, resource in product(limited(document), out_of_reach):
            # A preview's claim is next to bootstrap's state, and may be missing.
            if (action, resource) != FINDING_CLAIMS or SETTINGS.find(name).slot is None:
                assert not allows(document, action, resource, of(name).boundary_arn), f"{action} on {resource}"


@pytest.mark.parametrize("name", SETTINGS.names())
def test_roles_can_be_created_and_extended_only_within_the_boundary(name: str) -> None:
    document, names = of(name).deploy, Names.of(SETTINGS.find(name), SHARED)
    for own in (role(names.core_api_role), role(names.secret_store_role)):
        for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"):
            assert allows(document, action, own, of(name).boundary_arn)
            assert not allows(document, action, own)
            assert not allows(document, action, own, "arn:aws:iam::aws:policy/AdministratorAccess")
        for action in ("iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:PassRole", "iam:CreatePolicy"):
            assert not allows(document, action, own, of(name).boundary_arn)


@pytest.mark.parametrize("name", SETTINGS.names())
def test_within_the_boundary_a_role_reads_the_environments_secrets_and_no_other(name: str) -> None:
    """test_no_role_reaches_objects_with_another_environments_name tests other environments' secrets."""
    settings = SETTINGS.find(name)
    names, prefix = Names.of(settings, SHARED), f"arn:aws:secretsmanager:{HERE}:secret"
    paths = [secret.path for secret in ApplicationSecrets.of(settings, SHARED, names).all]
    assert {*names.secret_paths, SHARED.google_oauth_secret} <= {*paths}
    for path in paths:
        for action in ("GetSecretValue", "DescribeSecret"):
            assert allows(of(name).boundary, f"secretsmanager:{action}", f"{prefix}:{path}-AbCdEf"), path
        assert not allows(of(name).boundary, "secretsmanager:GetSecretValue", f"{prefix}:{path}-other-AbCdEf"), path
        assert not allows(of(name).boundary, "secretsmanager:PutSecretValue", f"{prefix}:{path}-AbCdEf"), path
    assert not allows(of(name).boundary, "secretsmanager:ListSecrets", "*")


@pytest.mark.parametrize("name", SETTINGS.names())
def test_the_plan_role_only_reads(name: str) -> None:
    assert [action for action in actions(of(name).plan) if not READING.fullmatch(action)] == []


@pytest.mark.parametrize("name", SETTINGS.names())
def test_both_roles_read_image_metadata_but_no_layers(name: str) -> None:
    repositories = [f"arn:aws:ecr:{HERE}:repository/{application.repository}" for application in APPLICATIONS]
    for policy in (of(name).plan, of(name).deploy):
        for action in ("BatchGetImage", "DescribeImages"):
            assert all(allows(policy, f"ecr:{action}", repository) for repository in repositories)
            assert not allows(policy, f"ecr:{action}", f"arn:aws:ecr:{HERE}:repository/another")
        for action in ("GetDownloadUrlForLayer", "PutImage", "BatchDeleteImage"):
            assert not any(allows(policy, f"ecr:{action}", repository) for repository in repositories)


def test_actions_and_resources_are_named_exactly() -> None:
    for name in SETTINGS.names():
        settings = SETTINGS.find(name)
        # tests/synth/test_iam.py lists what a capability reaches; only the boundary allows it.
        capabilities = list(chain(*permissions_of(settings, SHARED, Names.of(settings, SHARED)).values()))
        for document in (of(name).plan, of(name).deploy, of(name).boundary):
            assert not [action for action in actions(document) if "*" in action]
            for statement in statements(document):
                whole = [it for it in statement["Resource"] if "*" in it.removesuffix("/*")]
                if document == of(name).boundary and statement in capabilities:
                    continue
                assert not whole or statement["Sid"] in ("ReadAccount", "MakeSecrets")
    for statement in statements(of("prod").deploy):
        if statement["Resource"] == ["*"]:
            assert [action for action in statement["Action"] if not READING.fullmatch(action)] == []


def test_a_protected_environments_deploy_role_cannot_delete_data() -> None:
    protected, open_to_it = of("prod"), of("staging")
    deleting = {"s3:DeleteBucket", "s3:DeleteObjectVersion", "secretsmanager:DeleteSecret", "iam:DeleteRole"}
    assert actions(open_to_it.deploy) >= deleting
    assert not actions(protected.deploy) & deleting
    names = Names.of(SETTINGS.find("prod"), SHARED)
    for bucket in (names.media_bucket, names.backups_bucket):
        assert not allows(protected.deploy, "s3:DeleteObject", f"arn:aws:s3:::{bucket}/a")
    assert not allows(protected.deploy, "s3:DeleteObject", f"arn:aws:s3:::{names.state_bucket}/{state_key('prod')}")


def test_a_previews_deploy_role_can_only_empty_its_buckets() -> None:
    names, document = Names.of(SETTINGS.find("preview-1"), SHARED), of("preview-1").deploy
    for bucket in (f"arn:aws:s3:::{name}" for name in (names.media_bucket, names.backups_bucket)):
        for action in ("ListBucket", "ListBucketVersions", "ListBucketMultipartUploads", "GetLifecycleConfiguration"):
            assert allows(document, f"s3:{action}", bucket), action
        for action in ("DeleteObject", "DeleteObjectVersion", "AbortMultipartUpload"):
            assert allows(document, f"s3:{action}", f"{bucket}/a"), action
        for action in actions(of("staging").deploy) - actions(document):
            assert not allows(document, action, bucket), action
    assert {"s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketPolicy"} <= actions(of("staging").deploy)
    assert not {"s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketPolicy"} & actions(document)


def test_only_preview_deploy_roles_and_the_claims_role_read_and_write_claims() -> None:
    bucket, key = (f"arn:aws:s3:::{claims_object(SHARED)[0]}", claims_object(SHARED)[1])
    writers = {**{name: of(name).deploy for name in SETTINGS.names()}, "previews": previews_policy(SHARED)}
    for name, document in writers.items():
        may = name not in SETTINGS.lasting_names()
        for action, resource in (
            ("GetObject", f"{bucket}/{key}"),
            ("PutObject", f"{bucket}/{key}"),
            ("ListBucket", bucket),
        ):
            assert allows(document, f"s3:{action}", resource) is may, (name, action)
        assert not allows(document, "s3:DeleteObject", f"{bucket}/{key}")
        for state in (state_key("bootstrap"), f"{state_key('bootstrap')}.tflock", "previews/another.json"):
            for action in ("GetObject", "PutObject"):
                assert not allows(document, f"s3:{action}", f"{bucket}/{state}"), (name, action, state)
    for name in SETTINGS.names():
        assert not allows(of(name).plan, "s3:GetObject", f"{bucket}/{key}"), name


def test_the_claims_role_can_otherwise_only_read_image_metadata() -> None:
    document = previews_policy(SHARED)
    assert actions(document) == {
        *("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
        *("ecr:BatchGetImage", "ecr:DescribeImages"),
    }
    for name in SETTINGS.names():
        assert not [
            (action, it) for action in actions(document) for it in belongings(name) if allows(document, action, it)
        ]


@pytest.mark.parametrize("name", SETTINGS.names())
def test_each_role_uses_its_own_login_and_only_deploy_writes_the_state(name: str) -> None:
    names = Names.of(SETTINGS.find(name), SHARED)
    state = f"arn:aws:s3:::{names.state_bucket}/{state_key(name)}"
    for kind, document in {"plan": of(name).plan, "deploy": of(name).deploy}.items():
        for login in (*LOGINS.values(), ADMINISTRATOR, MANAGED_ADMINISTRATOR):
            assert allows(document, "secretsmanager:GetSecretValue", login) is (login == LOGINS[kind]), login
        assert allows(document, "secretsmanager:GetRandomPassword", "*") is (kind == "deploy")
        assert allows(document, "s3:GetObject", state)
    assert allows(of(name).deploy, "s3:PutObject", state)
    assert not allows(of(name).deploy, "s3:DeleteObject", state)
    for action in ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"):
        assert allows(of(name).deploy, action, f"{state}.tflock")


@pytest.mark.parametrize("name", SETTINGS.names())
def test_no_role_reads_or_changes_the_administrators_login(name: str) -> None:
    """Its path is below production's, so no pattern for an environment's secrets may match it."""
    for document in (of(name).plan, of(name).deploy, of(name).boundary):
        assert not [action for action in limited(document) if allows(document, action, ADMINISTRATOR)]


def test_no_role_reads_an_administrators_login_managed_by_rds() -> None:
    designed = settings_of("designed")
    for settings in designed.load():
        found = policies(settings, designed.shared)
        for document in (found.plan, found.deploy, found.boundary):
            assert not [action for action in limited(document) if allows(document, action, MANAGED_ADMINISTRATOR)]


@pytest.mark.parametrize("name", SETTINGS.names())
def test_no_role_changes_a_login_to_the_database(name: str) -> None:
    for document in (of(name).plan, of(name).deploy):
        for action in limited(document) - {"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"}:
            assert not [it for it in ("plan", "deploy") if allows(document, action, LOGINS[it])], action


@pytest.mark.parametrize("name", SETTINGS.names())
def test_a_plan_reads_no_other_secret_even_if_another_policy_allows_it(name: str) -> None:
    """The Deny holds even if somebody attaches an AWS policy that reads everything."""
    everything = {"Sid": "More", "Effect": "Allow", "Action": ["secretsmanager:*"], "Resource": ["*"]}
    document = json.loads(of(name).plan)
    widened = json.dumps({**document, "Statement": [*document["Statement"], everything]})
    paths = Names.of(SETTINGS.find(name), SHARED).secret_paths
    others = [f"arn:aws:secretsmanager:{HERE}:secret:{path}-AbCdEf" for path in paths]
    for secret in (*others, ADMINISTRATOR, LOGINS["deploy"]):
        assert not allows(widened, "secretsmanager:GetSecretValue", secret), secret
    assert allows(widened, "secretsmanager:GetSecretValue", LOGINS["plan"])


@pytest.mark.parametrize("name", SETTINGS.names())
def test_a_deploy_restores_a_secret_and_removes_its_policy_and_a_plan_sees_both(name: str) -> None:
    names, prefix = Names.of(SETTINGS.find(name), SHARED), f"arn:aws:secretsmanager:{HERE}:secret"
    for path in names.secret_paths:
        secret = f"{prefix}:{path}-AbCdEf"
        # A plan does not see values.
        assert allows(of(name).deploy, "secretsmanager:GetSecretValue", secret)
        assert not allows(of(name).plan, "secretsmanager:GetSecretValue", secret)
        for action in ("DescribeSecret", "GetResourcePolicy", "ListSecretVersionIds"):
            assert allows(of(name).plan, f"secretsmanager:{action}", secret), action
            assert allows(of(name).deploy, f"secretsmanager:{action}", secret), action
        for action in ("GetSecretValue", "RestoreSecret", "DeleteResourcePolicy"):
            assert allows(of(name).deploy, f"secretsmanager:{action}", secret), action
            assert not allows(of(name).plan, f"secretsmanager:{action}", secret), action
        # No resource policy gives a secret to another account.
        assert not allows(of(name).deploy, "secretsmanager:PutResourcePolicy", secret)
    for document in (of(name).plan, of(name).deploy):
        for action in limited(document):
            assert not allows(document, action, f"{prefix}:{names.session_key}-other-AbCdEf"), action


def test_the_longest_environment_name_still_fits_into_the_policies() -> None:
    longest = 63 - len(f"mosaic--terraform-state-{SHARED.account}")
    of_longest = policies(example({"name": "a" * longest}))
    for document in (of_longest.plan, of_longest.deploy):
        assert len(re.sub(r"\s", "", document)) <= LARGEST_INLINE_POLICIES
    assert len(re.sub(r"\s", "", of_longest.boundary)) <= LARGEST_MANAGED_POLICY

"""Delivery: a workflow's role of one environment reaches nothing of the other; no other workflow assumes it."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import Pod, Secret

from delivery.account.cluster import connect
from local.aws.github_tokens import workflow_token
from local.state import Cloud
from modules.model.names import state_key
from tests.account import SHARED
from tests.live.isolation.object_access import CHANGING, PROBE, READING, forget, objects, reached
from tests.live.isolation.tenant import Tenant, assume, listed, outcome
from tests.live.project import Project

pytestmark = pytest.mark.promise("Isolation")
# Each kind of delivery role, with the contexts in a workflow's token that may assume it.
CONTEXTS: Mapping[str, tuple[str, ...]] = {
    "plan": (f"ref:refs/heads/{SHARED.default_branch}",),
    "deploy": ("environment:{name}",),
}
STRANGERS = (
    "pull_request",
    "pull_request_target",
    "ref:refs/heads/develop",
    f"ref:refs/heads/{SHARED.default_branch}-2",
    f"ref:refs/tags/{SHARED.default_branch}",
    "environment:staging-2",
)
FORBIDDEN = 403
TRUST = '{"Version": "2012-10-17", "Statement": []}'
EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def arn(name: str) -> str:
    return f"arn:aws:iam::{SHARED.account}:role/{name}"


def role_of(tenant: Tenant, kind: str) -> str:
    return tenant.names.plan_role if kind == "plan" else tenant.names.deploy_role


def subjects_of(tenant: Tenant, kind: str, repository: str = SHARED.repository) -> set[str]:
    return {f"repo:{repository}:{context.format(name=tenant.settings.name)}" for context in CONTEXTS[kind]}


@pytest.fixture(params=CONTEXTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def session(project: Project, cloud: Cloud, own: Tenant, kind: str) -> boto3.Session:
    """The session that the environment's own workflow gets for its token."""
    subject = min(subjects_of(own, kind))
    return assume(project, arn(role_of(own, kind)), workflow_token(cloud.state, subject))


def client(session: boto3.Session, tenant: Tenant, service: str) -> Any:  # noqa: ANN401 each service has its own
    return session.client(service, endpoint_url=tenant.project.variables["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


def test_only_its_own_workflows_assume_a_delivery_role(
    project: Project, cloud: Cloud, tenants: dict[str, Tenant]
) -> None:
    right = {
        (role_of(tenant, kind), subject)
        for tenant, kind in product(tenants.values(), CONTEXTS)
        for subject in subjects_of(tenant, kind)
    }
    ours = {subject for _, subject in right} | {f"repo:{SHARED.repository}:{context}" for context in STRANGERS}
    owner, _, name = SHARED.repository.partition("/")
    elsewhere = {
        subject.replace(SHARED.repository, repository)
        for subject in ours
        for repository in (f"{owner}-2/{name}", f"{owner}/{name}-2", f"somebody/{name}")
    }
    admitted = set()
    for subject in ours | elsewhere:
        held = workflow_token(cloud.state, subject)
        for role, _ in right:
            try:
                assume(project, arn(role), held)
            except ClientError as error:
                assert error.response["Error"]["Code"] == "AccessDenied", error  # noqa: PT017
            else:
                admitted.add((role, subject))
    assert right <= admitted, f"refused: {sorted(right - admitted)}"
    assert admitted == right, listed([f"{role} admits {subject}" for role, subject in sorted(admitted - right)])


def test_a_delivery_role_reaches_no_object_and_no_state_of_the_other_environment(
    session: boto3.Session, own: Tenant, other: Tenant, kind: str
) -> None:
    s3 = client(session, own, "s3")
    theirs = [item for bucket in (*other.buckets, other.names.state_bucket) for item in objects(own, bucket)]
    assert theirs, f"{other.settings.name} holds nothing to be denied"
    found = list(reached(s3, {**READING, **CHANGING}, theirs))
    assert not found, f"{role_of(own, kind)} reaches what it must not:\n{listed(found)}"


def test_both_delivery_roles_read_their_own_state_and_only_deploy_writes_it(
    session: boto3.Session, own: Tenant, kind: str
) -> None:
    s3, bucket, key = client(session, own, "s3"), own.names.state_bucket, state_key(own.settings.name)
    assert outcome(s3.get_object, Bucket=bucket, Key=key) == "allowed"
    assert outcome(s3.put_object, Bucket=bucket, Key=PROBE, Body=b"") == "refused"
    written = outcome(s3.put_object, Bucket=bucket, Key=f"{key}.tflock", Body=b"{}")
    own.project.client("s3").delete_object(Bucket=bucket, Key=f"{key}.tflock")
    assert written == ("allowed" if kind == "deploy" else "refused")
    forget(own, bucket)


def test_a_delivery_role_reaches_no_secret_of_the_other_environment(
    session: boto3.Session, own: Tenant, other: Tenant, kind: str
) -> None:
    secrets = client(session, own, "secretsmanager")
    calls = {
        "read": lambda name: outcome(secrets.get_secret_value, SecretId=name),
        "put": lambda name: outcome(
            secrets.put_secret_value, SecretId=name, SecretString="{}", VersionStages=["PROBE"]
        ),
        "tag": lambda name: outcome(secrets.tag_resource, SecretId=name, Tags=[{"Key": "a", "Value": "b"}]),
    }
    found = [
        f"{what} {name}: {answer}"
        for name, (what, call) in product((*other.secrets, SHARED.google_oauth_secret), calls.items())
        if (answer := call(name)) != "refused"
    ]
    assert not found, f"{role_of(own, kind)} reaches what it must not:\n{listed(found)}"


def test_a_delivery_role_changes_no_other_role_and_removes_no_boundary(
    session: boto3.Session, own: Tenant, other: Tenant, kind: str
) -> None:
    iam = client(session, own, "iam")
    roles = [
        other.names.core_api_role,
        other.names.secret_store_role,
        *(role_of(tenant, each) for tenant in (own, other) for each in CONTEXTS),
    ]
    boundary = f"arn:aws:iam::{SHARED.account}:policy/{own.names.permissions_boundary}"
    attempts = {
        f"change who is trusted by {role}": outcome(iam.update_assume_role_policy, RoleName=role, PolicyDocument=TRUST)
        for role in roles
    }
    attempts |= {
        f"give permissions to {role}": outcome(
            iam.put_role_policy, RoleName=role, PolicyName="probe", PolicyDocument=EVERYTHING
        )
        for role in roles
    }
    attempts["make a role of another name"] = outcome(
        iam.create_role, RoleName="isolation-probe", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary
    )
    for role in (own.names.core_api_role, own.names.secret_store_role):
        attempts[f"make {role} anew without the boundary"] = outcome(
            iam.create_role, RoleName=role, AssumeRolePolicyDocument=TRUST
        )
        attempts[f"take the boundary from {role}"] = outcome(iam.delete_role_permissions_boundary, RoleName=role)
    attempts["change the boundary"] = outcome(
        iam.create_policy_version, PolicyArn=boundary, PolicyDocument=EVERYTHING, SetAsDefault=True
    )
    attempts["make a user"] = outcome(iam.create_user, UserName="isolation-probe")
    found = [f"{what}: {answer}" for what, answer in attempts.items() if answer != "refused"]
    assert not found, f"{role_of(own, kind)} does what it must not:\n{listed(found)}"


def test_a_delivery_role_cannot_enter_the_other_environments_namespace(
    monkeypatch: pytest.MonkeyPatch, session: boto3.Session, own: Tenant, other: Tenant, kind: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", own.project.variables["AWS_ENDPOINT_URL"])
    kubernetes = connect(session, own.project.client("eks").describe_cluster(name=SHARED.cluster)["cluster"])
    assert list(kubernetes.list(Pod, namespace=own.names.namespace))
    for what in (Pod, Secret):
        with pytest.raises(ApiError) as refused:
            list(kubernetes.list(what, namespace=other.names.namespace))
        assert refused.value.status.code == FORBIDDEN, f"{role_of(own, kind)}: {what.__name__}: {refused.value}"

"""Delivery roles: AWS itself refuses what they must not do; an explicit denial holds whatever else is allowed."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from local.state import Cloud
from tests.live.isolation.delivery_actor import Attempt, not_refused
from tests.live.isolation.iam_attempts import ATTEMPTS
from tests.live.isolation.tenant import Tenant, listed
from tests.live.project import Project

pytestmark = pytest.mark.promise("Isolation")
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
FURTHER = "isolation-probe"
FEWEST_ATTEMPTS = 15
# Each denial of each role that some attempt tests.
DENIALS = sorted({(it.environment, it.kind, sid) for it in ATTEMPTS for sid in it.kept_by})


def kept(environment: str, kind: str) -> list[Attempt]:
    """Return the attempts that a denial of this role must stop."""
    return [it for it in ATTEMPTS if it.kept_by and (it.environment, it.kind) == (environment, kind)]


def role_name(tenants: Mapping[str, Tenant], environment: str, kind: str) -> str:
    names = tenants[environment].names
    return names.plan_role if kind == "plan" else names.deploy_role


@contextmanager
def allowed_everything(project: Project, role: str) -> Iterator[None]:
    """Attach another policy to the role, as an administrator can."""
    iam = project.client("iam")
    iam.put_role_policy(RoleName=role, PolicyName=FURTHER, PolicyDocument=json.dumps(EVERYTHING))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=FURTHER)


@contextmanager
def without(project: Project, role: str, sid: str) -> Iterator[None]:
    """Remove one of its denials from the role's policy."""
    iam = project.client("iam")
    rights: dict[str, Any] = iam.get_role_policy(RoleName=role, PolicyName="rights")["PolicyDocument"]
    left = [statement for statement in rights["Statement"] if statement["Sid"] != sid]
    assert len(left) == len(rights["Statement"]) - 1, f"{role} has no statement {sid}"
    document = json.dumps({**rights, "Statement": left})
    iam.put_role_policy(RoleName=role, PolicyName="rights", PolicyDocument=document)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="rights", PolicyDocument=json.dumps(rights))


def test_aws_refuses_every_attempt_of_every_delivery_role(cloud: Cloud, tenants: dict[str, Tenant]) -> None:
    assert len(ATTEMPTS) >= FEWEST_ATTEMPTS
    assert len({it.name for it in ATTEMPTS}) == len(ATTEMPTS)
    found = not_refused(tenants, cloud, ATTEMPTS)
    assert found == [], listed(found)


@pytest.mark.parametrize(("environment", "kind"), sorted({it[:2] for it in DENIALS}))
def test_a_denial_holds_even_if_everything_else_is_allowed(
    project: Project, cloud: Cloud, tenants: dict[str, Tenant], environment: str, kind: str
) -> None:
    with allowed_everything(project, role_name(tenants, environment, kind)):
        assert not_refused(tenants, cloud, kept(environment, kind)) == []


@pytest.mark.parametrize("denial", DENIALS, ids="-".join)
def test_removing_one_denial_permits_exactly_what_it_alone_stops(
    project: Project, cloud: Cloud, tenants: dict[str, Tenant], denial: tuple[str, str, str]
) -> None:
    """If a role is allowed everything, removing one denial permits exactly the attempts that it alone stops."""
    environment, kind, sid = denial
    role = role_name(tenants, environment, kind)
    opened = [it.name for it in kept(environment, kind) if it.kept_by == (sid,)]
    assert opened, f"no attempt is stopped by {sid} alone"
    with allowed_everything(project, role), without(project, role, sid):
        assert not_refused(tenants, cloud, kept(environment, kind)) == opened
    assert not_refused(tenants, cloud, kept(environment, kind)) == []


def test_without_the_denial_for_objects_a_bucket_policy_opens_them_to_productions_deploy_role(
    project: Project, cloud: Cloud, tenants: dict[str, Tenant]
) -> None:
    own = [it for it in ATTEMPTS if (it.environment, it.kind) == ("prod", "deploy")]
    with without(project, tenants["prod"].names.deploy_role, "KeepObjects"):
        assert not_refused(tenants, cloud, own) == [
            "prod deploy: read an object that a bucket policy gives it",
            "prod deploy: delete a version that a bucket policy gives it",
        ]

"""Trust: of all the cluster's service accounts, a role admits one, for one audience."""

import json
from collections.abc import Iterator
from itertools import product

import pytest
from botocore.exceptions import ClientError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ServiceAccount

from tests.account import SHARED
from tests.live.isolation.secret_store_attempts import store_role
from tests.live.isolation.tenant import STS_AUDIENCE, Tenant, assume, listed, token
from tests.live.project import Project

pytestmark = pytest.mark.promise("Isolation")
# The API server's own, one that a careless pod might request, and those of other products.
AUDIENCES = (STS_AUDIENCE, "https://kubernetes.default.svc", "sts.amazonaws.com.cn", "vault")
Subject = tuple[str, str]
# A role of the account, a subject and an audience.
Admission = tuple[str, Subject, str]


def roles_of_pods(project: Project) -> list[str]:
    """Return the ARN of every role of the account that trusts the cluster's tokens in any way."""
    issuer = project.client("eks").describe_cluster(name=SHARED.cluster)["cluster"]["identity"]["oidc"]["issuer"]
    pages = project.client("iam").get_paginator("list_roles").paginate()
    return [
        role["Arn"]
        for page in pages
        for role in page["Roles"]
        if issuer.removeprefix("https://") in json.dumps(role["AssumeRolePolicyDocument"])
    ]


def subjects(project: Project) -> list[Subject]:
    """Return every service account of the cluster: namespace and name."""
    found = [account.metadata for account in project.kubernetes.list(ServiceAccount, namespace="*")]
    return [(str(metadata.namespace), str(metadata.name)) for metadata in found if metadata]


def admissions(project: Project, roles: list[str], of: list[Subject]) -> set[Admission]:
    """Return every role that admits a subject with a token for an audience; only a plain refusal is no error."""
    found = set()
    for subject, audience in product(of, AUDIENCES):
        held = token(project.kubernetes, *subject, audience)
        for role in roles:
            try:
                assume(project, role, held)
            except ClientError as error:
                assert error.response["Error"]["Code"] in ("AccessDenied", "InvalidIdentityToken"), error  # noqa: PT017
            else:
                found.add((role, subject, audience))
    return found


def expected(tenants: dict[str, Tenant]) -> set[Admission]:
    return {
        (role, (tenant.names.namespace, account), STS_AUDIENCE)
        for tenant in tenants.values()
        for role, account in (
            (tenant.role_arn, "core-api"),
            (store_role(tenant), tenant.names.secret_store_account),
        )
    }


def roles_of(tenants: dict[str, Tenant]) -> set[str]:
    return {role for role, _, _ in expected(tenants)}


def assert_only(admitted: set[Admission], tenants: dict[str, Tenant]) -> None:
    too_many = [f"{role} admits {':'.join(who)} for {what}" for role, who, what in admitted - expected(tenants)]
    assert not too_many, listed(sorted(too_many))


@pytest.mark.read_only
def test_each_role_admits_only_one_service_account_of_its_environment(
    project: Project, tenants: dict[str, Tenant]
) -> None:
    ours = roles_of(tenants)
    roles, everybody = roles_of_pods(project), subjects(project)
    assert ours <= set(roles)
    assert {subject for _, subject, _ in expected(tenants)} < set(everybody)
    admitted = admissions(project, roles, everybody)
    assert expected(tenants) <= admitted, "a service account is refused by its own role"
    # Other roles of the cluster may admit other accounts, but not the environments' pods.
    namespaces = {tenant.names.namespace for tenant in tenants.values()}
    assert_only({it for it in admitted if it[0] in ours or it[1][0] in namespaces}, tenants)


@pytest.fixture
def lookalikes(project: Project, tenants: dict[str, Tenant]) -> Iterator[list[Subject]]:
    """Service accounts whose names begin or end like the right ones."""
    kubernetes, made = project.kubernetes, []
    namespaces = [f"{tenant.names.namespace}-preview" for tenant in tenants.values()]
    accounts = [(namespace, "core-api") for namespace in namespaces]
    accounts += [(namespace, "external-secrets") for namespace in namespaces]
    accounts += [
        (tenant.names.namespace, name)
        for tenant in tenants.values()
        for name in ("core-api-2", "new-core-api", "external-secrets-2", "new-external-secrets")
    ]
    try:
        for namespace in namespaces:
            kubernetes.create(Namespace(metadata=ObjectMeta(name=namespace)))
        for namespace, name in accounts:
            kubernetes.create(ServiceAccount(metadata=ObjectMeta(name=name, namespace=namespace)))
            made.append((namespace, name))
        yield accounts
    finally:
        for namespace, name in made:
            kubernetes.delete(ServiceAccount, name, namespace=namespace)
        for namespace in namespaces:
            kubernetes.delete(Namespace, namespace)


def test_no_role_admits_a_service_account_with_a_similar_name(
    project: Project, tenants: dict[str, Tenant], lookalikes: list[Subject]
) -> None:
    assert_only(admissions(project, sorted(roles_of(tenants)), lookalikes), tenants)

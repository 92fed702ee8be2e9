"""Secret store: an environment's store reads this environment's secrets, and no others."""

import json
from collections.abc import Callable, Iterator

import pytest
from lightkube.generic_resource import GenericNamespacedResource

from delivery.verification.secrets import ExternalSecret
from modules.model.secrets import ApplicationSecrets
from tests.account import SHARED
from tests.live.admission_bindings import unjudged
from tests.live.isolation.secret_store_attempts import BY_OWN_ROLE, needed, not_refused
from tests.live.isolation.tenant import Tenant

pytestmark = pytest.mark.promise("Isolation")
POLICY = "isolation-probe"


@pytest.mark.read_only
def test_every_external_secret_of_an_environment_reads_through_its_own_store(own: Tenant) -> None:
    """Every ExternalSecret of an environment reads through its own store and is ready.

    This proves that the refusals below do not apply to everybody.
    """
    kubernetes, namespace = own.project.kubernetes, own.names.namespace
    expected = {secret.name for secret in ApplicationSecrets.of(own.settings, SHARED, own.names).all}
    items = [kubernetes.get(ExternalSecret, name, namespace=namespace) for name in sorted(expected)]
    store = {"kind": "SecretStore", "name": own.names.secret_store}
    assert [item["spec"]["secretStoreRef"] for item in items] == [store] * len(expected)
    assert all(_is_ready(item) for item in items)


@pytest.fixture
def admission_left_out(own: Tenant) -> Iterator[None]:
    """Remove the admission policies, so that only IAM decides."""
    with unjudged(own.project.kubernetes, [own.names.namespace]):
        yield


@pytest.mark.usefixtures("admission_left_out")
def test_nothing_in_an_environments_namespace_reads_the_others_secrets(own: Tenant, other: Tenant) -> None:
    assert not_refused(own, other) == []


@pytest.fixture
def widen(own: Tenant, other: Tenant) -> Iterator[Callable[[], None]]:
    """Gives the own store's role the permission it would need; the call also removes the role's boundary."""
    iam, role = own.project.client("iam"), own.names.secret_store_role
    boundary = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    statement = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": needed(other)}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName=POLICY, PolicyDocument=document)
    try:
        yield lambda: iam.delete_role_permissions_boundary(RoleName=role)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=POLICY)
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)


@pytest.mark.usefixtures("admission_left_out")
def test_the_boundary_alone_stops_a_store_role_with_extra_permissions(
    own: Tenant, other: Tenant, widen: Callable[[], None]
) -> None:
    assert not_refused(own, other) == []
    widen()
    assert not_refused(own, other) == [attempt.name for attempt in BY_OWN_ROLE]


def _is_ready(external_secret: GenericNamespacedResource) -> bool:
    conditions = (external_secret.get("status") or {}).get("conditions", [])
    return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)

"""Admission: the API server refuses what an environment must not have, whatever permissions a role has."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube import Client
from lightkube.codecs import from_dict
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import RoleRef, Subject
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import LimitRange, Namespace, Pod, ResourceQuota, ServiceAccount
from lightkube.resources.networking_v1 import NetworkPolicy
from lightkube.resources.rbac_authorization_v1 import RoleBinding

from delivery.account.cluster import token as eks_token
from local.aws.github_tokens import workflow_token
from local.state import Cloud
from modules.model.admission.table import Admission
from modules.model.names import admission_namespace
from tests.account import SETTINGS, SHARED
from tests.live.admission_bindings import without_bindings
from tests.live.isolation.api_objects import NAME, deployment, pod_spec
from tests.live.isolation.api_server_admitted import ADMITTED
from tests.live.isolation.api_server_attempts import ATTEMPTS, FOREIGN, attempts_of, not_refused
from tests.live.isolation.attempt import FORBIDDEN, Sides
from tests.live.isolation.raw_api import RawApi, Request
from tests.live.isolation.tenant import Tenant, assume, token
from tests.live.project import Project
from tests.live.waiting import wait_until
from tests.live.workflow_identity import REPOSITORY

pytestmark = pytest.mark.promise("Isolation")
ADMISSION = Admission.of(SETTINGS.load(), SHARED)
PARAMETERS = admission_namespace(SHARED)


@pytest.fixture
def sides(own: Tenant, other: Tenant) -> Sides:
    return Sides(own=own, other=other)


@pytest.fixture
def deployer(monkeypatch: pytest.MonkeyPatch, project: Project, cloud: Cloud, own: Tenant) -> RawApi:
    """The API server as a deploy of the environment reaches it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", project.variables["AWS_ENDPOINT_URL"])
    subject = f"{REPOSITORY}:environment:{own.settings.name}"
    role = f"arn:aws:iam::{SHARED.account}:role/{own.names.deploy_role}"
    session = assume(project, role, workflow_token(cloud.state, subject))
    return RawApi(described(project), eks_token(session, SHARED.cluster))


def described(project: Project) -> Any:  # noqa: ANN401 as EKS describes it
    return project.client("eks").describe_cluster(name=SHARED.cluster)["cluster"]


def bindings_of(tenant: Tenant) -> dict[str, str]:
    """Return the name of each binding that applies to an environment, by the policy's id."""
    return {ADMISSION.policies[it.policy].id: it.name for it in ADMISSION.bindings_of(tenant.settings.name)}


@pytest.mark.read_only
def test_the_api_server_refuses_each_attempt_of_a_deploy_role(deployer: RawApi, sides: Sides) -> None:
    assert not_refused(deployer, sides) == []


@pytest.mark.read_only
def test_the_api_server_names_what_was_given_and_what_is_allowed(deployer: RawApi, sides: Sides) -> None:
    for attempt in attempts_of(sides.own.settings):
        if attempt.by:
            said = deployer.send(attempt.of(sides)).message
            assert "; allowed" in said, f"{attempt.name}: {said}"


@pytest.mark.read_only
@pytest.mark.parametrize("what", ADMITTED)
def test_the_api_server_admits_what_a_deploy_creates(deployer: RawApi, sides: Sides, what: str) -> None:
    assert deployer.send(ADMITTED[what](sides)).message == ""


def test_each_policy_stops_some_attempt() -> None:
    tried = {attempt.by for attempt in ATTEMPTS if attempt.by}
    # The policy that guards the parameters is tested below with somebody who may edit them.
    assert tried == {policy.id for policy in ADMISSION.policies.values()} - {"parameters"}


def test_without_its_binding_a_policy_stops_nothing_and_nothing_else_does(
    project: Project, deployer: RawApi, sides: Sides
) -> None:
    """Without its binding a policy stops nothing, and no other policy replaces it: one policy stops each attempt."""
    stopped: dict[str, list[str]] = defaultdict(list)
    for attempt in attempts_of(sides.own.settings):
        if attempt.by:
            stopped[attempt.by].append(attempt.name)
    bindings = bindings_of(sides.own)
    for policy, names in stopped.items():
        with without_bindings(project.kubernetes, [bindings[policy]]):
            wait_until(lambda: not_refused(deployer, sides) != [], f"{bindings[policy]} stops nothing")
            assert not_refused(deployer, sides) == names
        wait_until(lambda: not_refused(deployer, sides) == [], f"{bindings[policy]} is in force again")


@pytest.mark.read_only
def test_an_administrator_can_delete_what_a_deploy_must_not(project: Project, own: Tenant) -> None:
    client, namespace = project.kubernetes, own.names.namespace
    client.delete(ResourceQuota, "quota", namespace=namespace, dry_run=True)
    client.delete(LimitRange, "limits", namespace=namespace, dry_run=True)
    client.delete(NetworkPolicy, "default-deny", namespace=namespace, dry_run=True)
    client.delete(Namespace, namespace, dry_run=True)


@pytest.fixture
def editor(project: Project) -> Iterator[RawApi]:
    """Somebody who may edit everything in the parameters' namespace, and is no administrator."""
    client = project.kubernetes
    client.create(ServiceAccount(metadata=ObjectMeta(name=NAME, namespace=PARAMETERS)))
    client.create(
        RoleBinding(
            metadata=ObjectMeta(name=NAME, namespace=PARAMETERS),
            roleRef=RoleRef(apiGroup="rbac.authorization.k8s.io", kind="ClusterRole", name="edit"),
            subjects=[Subject(kind="ServiceAccount", name=NAME, namespace=PARAMETERS)],
        )
    )
    cluster = described(project)
    yield RawApi(cluster, token(client, PARAMETERS, NAME, cluster["identity"]["oidc"]["issuer"]))
    client.delete(RoleBinding, NAME, namespace=PARAMETERS)
    client.delete(ServiceAccount, NAME, namespace=PARAMETERS)


def test_only_an_administrator_changes_the_parameters(editor: RawApi, own: Tenant) -> None:
    place = f"/api/v1/namespaces/{PARAMETERS}/configmaps/{own.names.namespace}"
    change = Request(method="PATCH", path=place, body={"data": {"immutable": "false"}})
    for request in (change, Request(method="DELETE", path=place)):
        answer = editor.send(request)
        assert answer.code == FORBIDDEN
        assert "ValidatingAdmissionPolicy 'mosaic-parameters'" in answer.message


@pytest.fixture
def older(project: Project, own: Tenant) -> Iterator[dict[str, str]]:
    """The name and namespace of a Deployment that is older than the policies, which would refuse its image."""
    client, binding = project.kubernetes, bindings_of(own)["images"]
    place = {"name": NAME, "namespace": own.names.namespace}
    with without_bindings(client, [binding]):
        wait_until(lambda: _is_admitted(client, _foreign(place)), f"{binding} stops nothing")
        client.create(_foreign(place))
    wait_until(lambda: not _is_admitted(client, _foreign({**place, "name": f"{NAME}-2"})), f"{binding} is in force")
    yield place
    client.delete(Deployment, NAME, namespace=own.names.namespace)


def test_a_workload_older_than_the_policies_still_scales_and_restarts_but_cannot_add_violations(
    project: Project, older: dict[str, str]
) -> None:
    client: Any = project.kubernetes

    def change(spec: dict[str, Any]) -> None:
        client.patch(Deployment, obj={"spec": spec}, **older)

    change({"replicas": 1})
    change({"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}})
    pods = {"namespace": older["namespace"], "labels": {"app": NAME}}
    wait_until(lambda: bool(list(client.list(Pod, **pods))), "its controllers make its pod")
    with pytest.raises(ApiError, match="mosaic-images"):
        change({"template": {"spec": {"containers": [{"name": "probe", "image": f"{FOREIGN}-2"}]}}})


def _foreign(place: dict[str, str]) -> Any:  # noqa: ANN401 lightkube's objects have no common type
    return from_dict({**deployment(pod_spec(FOREIGN)), "metadata": place})


def _is_admitted(client: Client, made: Any) -> bool:  # noqa: ANN401 any object
    try:
        client.create(made, dry_run=True)
    except ApiError as error:
        if error.status.code != FORBIDDEN:
            raise
        return False
    return True

"""What the real controllers create from both environments' ingresses on the shared load balancer."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from lightkube.codecs import from_dict
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import Namespace
from lightkube.resources.networking_v1 import Ingress
from lightkube.types import PatchType

from delivery.account.target_group import target_groups
from environments.applications import CORE_API, WEB
from modules.model.listener_rule import Rule
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.live.admission_bindings import without_bindings
from tests.live.ingress_results import rules_of
from tests.live.project import Project, Run
from tests.live.waiting import CONTROLLER_SECONDS, wait_until

pytestmark = pytest.mark.promise("Isolation")
STAGING, PROD = (Names.of(SETTINGS.find(name), SHARED) for name in ("staging", "prod"))
NEIGHBOUR = "load-balancer-test"
# Staging's web host, which production has first in one of the tests.
MOVED = SETTINGS.find("staging").web.hosts[0]
# Production's API host, and a pattern that matches it without naming it.
API = SETTINGS.find("prod").core_api.hosts[0]
PATTERN = API.replace("i", "?", 1)
_ANNOTATIONS = "alb.ingress.kubernetes.io"


def annotate(project: Project, namespace: str, annotations: Mapping[str, str | None]) -> None:
    """Set annotations of an environment's web ingress, and remove those that are None."""
    changed: Any = {"metadata": {"annotations": dict(annotations)}}
    project.kubernetes.patch(Ingress, WEB.name, changed, namespace=namespace)


@pytest.mark.read_only
def test_both_environments_hosts_have_rules_in_the_order_of_the_settings(
    project: Project, deployed: Run, adopted: Run
) -> None:
    environments = [SETTINGS.find(name) for name in ("staging", "prod")]
    workloads = [workload for it in environments for workload in (it.web, it.core_api)]
    hosts = [host for it in sorted(workloads, key=lambda it: it.ingress_order) for host in it.hosts]
    assert len(hosts) == len(set(hosts))
    rules = rules_of(project, SHARED.load_balancer_group)
    assert [host for rule in rules for host in rule.hosts if host in hosts] == hosts


@pytest.fixture
def intruder(project: Project, deployed: Run, adopted: Run) -> Iterator[Mapping[str, str | None]]:
    """Annotations with which staging's rule answers for production's API; removed at the end."""
    condition = f'[{{"field":"host-header","hostHeaderConfig":{{"values":["{PATTERN}"]}}}}]'
    attack = {f"{_ANNOTATIONS}/conditions.{WEB.name}": condition, f"{_ANNOTATIONS}/group.order": "1"}
    web = project.kubernetes.get(Ingress, WEB.name, namespace=STAGING.namespace)
    before = (web.metadata and web.metadata.annotations) or {}
    yield attack
    annotate(project, STAGING.namespace, {name: before.get(name) for name in attack})
    wait_until(lambda: not intruding(project), f"no rule answers {PATTERN}", seconds=CONTROLLER_SECONDS)


def intruding(project: Project) -> list[Rule]:
    return [rule for rule in rules_of(project, SHARED.load_balancer_group) if PATTERN in rule.hosts]


def test_the_policy_refuses_another_environments_host_and_without_it_verify_names_the_intruder(
    project: Project, intruder: Mapping[str, str | None]
) -> None:
    with pytest.raises(ApiError, match="ValidatingAdmissionPolicy"):
        annotate(project, STAGING.namespace, intruder)
    project.verify("prod").expect(0)
    with without_bindings(project.kubernetes, [f"{STAGING.namespace}-ingresses"]):
        wait_until(lambda: _is_admitted(project, intruder), "staging's ingresses are judged")
    wait_until(lambda: bool(intruding(project)), f"a rule answers {PATTERN}", seconds=CONTROLLER_SECONDS)
    found = project.verify("prod").expect(1)
    found.says(f"{API} is answered first by").says(f"{STAGING.namespace}/{WEB.name}-{WEB.name}")


def _is_admitted(project: Project, annotations: Mapping[str, str | None]) -> bool:
    try:
        annotate(project, STAGING.namespace, annotations)
    except ApiError as error:
        assert "ValidatingAdmissionPolicy" in str(error), error  # noqa: PT017
        return False
    return True


def serving_moved(project: Project) -> list[str]:
    """Return NAMESPACE/INGRESS-SERVICE:PORT of each rule for the host that moves."""
    groups = target_groups(project.client("elbv2"), SHARED.cluster)
    rules = [rule for rule in rules_of(project, SHARED.load_balancer_group) if MOVED in rule.hosts]
    return [groups[arn].owner for rule in rules for arn in rule.target_groups]


@pytest.fixture
def moving(project: Project, deployed: Run, adopted: Run) -> None:
    """A host that production was deployed with and that the settings, and so bootstrap, give to staging."""
    client: Any = project.kubernetes
    client.delete(Ingress, WEB.name, namespace=STAGING.namespace)
    web = client.get(Ingress, WEB.name, namespace=PROD.namespace)
    rule = {**web.spec.rules[0].to_dict(), "host": MOVED}

    def admitted() -> bool:
        change = [{"op": "add", "path": "/spec/rules/-", "value": rule}]
        try:
            client.patch(Ingress, WEB.name, change, namespace=PROD.namespace, patch_type=PatchType.JSON)
        except ApiError as error:
            assert "ValidatingAdmissionPolicy" in str(error), error  # noqa: PT017
            return False
        return True

    with without_bindings(client, [f"{PROD.namespace}-ingresses"]):
        wait_until(admitted, "production's ingresses are judged")
    owner = f"{PROD.namespace}/{WEB.name}-{WEB.name}"
    wait_until(
        lambda: [it.rpartition(":")[0] for it in serving_moved(project)] == [owner],
        f"production alone answers for {MOVED}",
        seconds=CONTROLLER_SECONDS,
    )


def test_a_moving_host_never_has_two_owners_at_once(project: Project, moving: None) -> None:
    """A moving host never has two owners at once: the new owner's deploy is refused until the old owner deploys."""
    refused = project.deploy("staging").expect(2)
    refused.says("moved hosts").says(f"answers for {MOVED}").says("make deploy ENV=prod")
    project.deploy("prod").expect(0)
    wait_until(lambda: not serving_moved(project), f"nobody answers for {MOVED}", seconds=CONTROLLER_SECONDS)
    project.deploy("staging").expect(0)
    wait_until(lambda: bool(serving_moved(project)), f"somebody answers for {MOVED}", seconds=CONTROLLER_SECONDS)
    (owner,) = serving_moved(project)
    assert owner.startswith(f"{STAGING.namespace}/{WEB.name}-{WEB.name}:")
    for name in ("staging", "prod"):
        project.verify(name).expect(0)


def _neighbours_ingress(name: str, tags: str) -> dict[str, Any]:
    annotations = {
        f"{_ANNOTATIONS}/group.name": SHARED.load_balancer_group,
        f"{_ANNOTATIONS}/scheme": "internet-facing",
        f"{_ANNOTATIONS}/target-type": "ip",
        f"{_ANNOTATIONS}/actions.nobody": '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"404"}}',
        f"{_ANNOTATIONS}/tags": tags,
    }
    backend = {"service": {"name": "nobody", "port": {"name": "use-annotation"}}}
    path = {"path": f"/{name}", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": NEIGHBOUR, "annotations": annotations},
        "spec": {
            "ingressClassName": SHARED.ingress_class,
            "rules": [{"host": f"{NEIGHBOUR}.{SHARED.domain}", "http": {"paths": [path]}}],
        },
    }


@pytest.fixture
def conflict(project: Project, deployed: Run, adopted: Run) -> Iterator[None]:
    """Two ingresses of a neighbour with different values for one tag, which blocks the whole group."""
    client = project.kubernetes
    client.create(from_dict({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NEIGHBOUR}}))
    for name in ("blue", "green"):
        client.create(from_dict(_neighbours_ingress(name, f"Environment={name}")))
    yield
    for name in ("blue", "green"):
        client.delete(Ingress, name, namespace=NEIGHBOUR)
    client.delete(Namespace, NEIGHBOUR)
    wait_until(lambda: project.verify("staging").code == 0, "staging is verified again", seconds=CONTROLLER_SECONDS)


def test_verify_and_doctor_name_a_neighbours_conflicting_tags(project: Project, conflict: None) -> None:
    wait_until(
        lambda: "conflicting tag Environment" in project.verify("staging").output,
        "verify names the tag",
        seconds=CONTROLLER_SECONDS,
    )
    said = project.doctor("staging").output
    assert f"{NEIGHBOUR}/blue" in said
    assert f"{NEIGHBOUR}/green" in said


@pytest.mark.read_only
def test_each_target_group_has_the_pods_of_one_environment(project: Project, deployed: Run, adopted: Run) -> None:
    for name in ("staging", "prod"):
        run = project.verify(name).expect(0)
        for application in (WEB, CORE_API):
            run.says(f"ok   targets {application.name}")

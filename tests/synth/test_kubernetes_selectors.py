"""Selectors and names match exactly the intended pods."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.synth.template import Body, Template


@dataclass(frozen=True)
class _Pods:
    owner: str
    namespace: str
    labels: dict[str, str]
    spec: dict[str, Any]


def _pods(template: Template) -> list[_Pods]:
    found = [
        _Pods(
            owner=address,
            namespace=template.resolve(body["metadata"]["namespace"]),
            labels=body["spec"]["template"]["metadata"]["labels"],
            spec=template.resolve(body["spec"]["template"]["spec"]),
        )
        for kind in ("kubernetes_deployment_v1", "kubernetes_job_v1")
        for name, body in template.all(kind).items()
        for address in [f"{kind}.{name}"]
    ]
    assert found
    return found


def _selected(template: Template, namespace: str, selector: dict[str, str]) -> list[str]:
    assert selector, "an empty selector selects every pod"
    return [
        pods.owner
        for pods in _pods(template)
        if pods.namespace == namespace and selector.items() <= pods.labels.items()
    ]


def _deployment_of(template: Template, name: str, namespace: str) -> str:
    (address,) = [
        address
        for address, metadata in template.kubernetes.items()
        if address.startswith("kubernetes_deployment_v1.")
        and (metadata["name"], metadata["namespace"]) == (name, namespace)
    ]
    return address


def test_selectors_match_only_their_own_deployments_pods(whole: Template) -> None:
    selectors: dict[str, Callable[[Body], dict[str, str]]] = {
        "kubernetes_deployment_v1": lambda spec: spec["selector"]["match_labels"],
        "kubernetes_service_v1": lambda spec: spec["selector"],
        "kubernetes_pod_disruption_budget_v1": lambda spec: spec["selector"]["match_labels"],
    }
    for kind, selector in selectors.items():
        # A disruption budget exists only if an application asks for it.
        for name, body in (whole.all if "budget" in kind else whole.some)(kind).items():
            metadata = whole.kubernetes[f"{kind}.{name}"]
            selected = _selected(whole, metadata["namespace"], selector(body["spec"]))
            own = _deployment_of(whole, metadata["name"], metadata["namespace"])
            assert selected == [own], f"{kind}.{name} selects {selected}"


def test_every_deployment_has_a_service(whole: Template) -> None:
    services = {metadata["name"] for address, metadata in whole.kubernetes.items() if "_service_v1." in address}
    deployments = {metadata["name"] for address, metadata in whole.kubernetes.items() if "_deployment_" in address}
    assert deployments == services != set()


def test_autoscalers_scale_a_deployment_without_a_replica_count(whole: Template) -> None:
    scaled = set()
    for name, body in whole.all("kubernetes_horizontal_pod_autoscaler_v2").items():
        target = body["spec"]["scale_target_ref"]
        assert (target["api_version"], target["kind"]) == ("apps/v1", "Deployment"), name
        namespace = whole.kubernetes[f"kubernetes_horizontal_pod_autoscaler_v2.{name}"]["namespace"]
        scaled.add(_deployment_of(whole, target["name"], namespace))
    for name, body in whole.some("kubernetes_deployment_v1").items():
        given = "replicas" in body["spec"]
        assert given is (f"kubernetes_deployment_v1.{name}" not in scaled), f"{name}: replicas given: {given}"


def test_services_target_a_port_the_pods_listen_on(whole: Template) -> None:
    for name, body in whole.some("kubernetes_service_v1").items():
        metadata = whole.kubernetes[f"kubernetes_service_v1.{name}"]
        (owner,) = _selected(whole, metadata["namespace"], body["spec"]["selector"])
        (container,) = whole.bodies[owner]["spec"]["template"]["spec"]["container"]
        listening = {str(port["container_port"]) for port in container["port"]}
        assert {port["target_port"] for port in body["spec"]["port"]} <= listening, name


def test_probes_use_a_named_port_of_the_container(whole: Template) -> None:
    for name, body in whole.some("kubernetes_deployment_v1").items():
        (container,) = body["spec"]["template"]["spec"]["container"]
        named = {port["name"] for port in container["port"]}
        for probe in ("liveness_probe", "readiness_probe"):
            assert container[probe]["http_get"]["port"] in named, f"{name}: {probe}"


def test_ingresses_target_a_service_and_one_of_its_ports(whole: Template) -> None:
    ports = {
        (metadata["namespace"], metadata["name"]): {port["port"] for port in whole.bodies[address]["spec"]["port"]}
        for address, metadata in whole.kubernetes.items()
        if address.startswith("kubernetes_service_v1.")
    }
    for name, body in whole.some("kubernetes_ingress_v1").items():
        namespace = whole.kubernetes[f"kubernetes_ingress_v1.{name}"]["namespace"]
        for rule in body["spec"]["rule"]:
            for path in rule["http"]["path"]:
                service = path["backend"]["service"]
                assert service["port"]["number"] in ports[namespace, service["name"]], f"{name}: {rule['host']}"


def test_pods_use_a_service_account_of_the_stack(whole: Template) -> None:
    accounts = {
        (metadata["namespace"], metadata["name"])
        for address, metadata in whole.kubernetes.items()
        if address.startswith("kubernetes_service_account_v1.")
    }
    for pods in _pods(whole):
        assert (pods.namespace, pods.spec["service_account_name"]) in accounts, pods.owner


def test_every_object_is_in_the_environments_own_namespace(template: Template) -> None:
    """By reference, so it is created after the namespace and deleted before it. Argo CD's Application points to it."""
    assert template.kubernetes
    for address in template.kubernetes:
        body = template.bodies[address]
        if not address.startswith("kubernetes_namespace_v1."):
            manifest = body.get("manifest", body)
            place = manifest["spec"]["destination"] if manifest.get("kind") == "Application" else manifest["metadata"]
            namespace = place["namespace"]
            assert namespace == "${kubernetes_namespace_v1.namespace.metadata[0].name}", address


def test_the_migration_is_the_pod_of_core_api_with_another_command(whole: Template) -> None:
    specs = {pods.owner: pods.spec for pods in _pods(whole)}
    deployment = specs["kubernetes_deployment_v1.core_api_deployment"]
    migration = specs["kubernetes_job_v1.migration"]
    serves = {"port", "liveness_probe", "readiness_probe"}
    (serving_container,), (migrating_container,) = deployment["container"], migration["container"]
    assert {key: value for key, value in migrating_container.items() if key != "command"} == {
        key: value for key, value in serving_container.items() if key not in serves
    }
    # A single pod needs no spreading.
    own = {"container", "restart_policy", "topology_spread_constraint"}
    assert {key: value for key, value in migration.items() if key not in own} == {
        key: value for key, value in deployment.items() if key not in own
    }
    assert "topology_spread_constraint" not in migration
    # The selectors above match labels; this label keeps requests away from a migration.
    labels = {pods.owner: pods.labels for pods in _pods(whole)}
    assert labels["kubernetes_job_v1.migration"]["app.kubernetes.io/component"] == "migration"

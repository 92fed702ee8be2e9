"""Admission policies: each environment has them with its own parameters, and the stacks' objects pass them."""

import re
from collections.abc import Iterator

import pytest

from environments.schema.settings import Environment
from modules.model.admission.kinds import MADE
from modules.model.admission.parameters import admission_parameters
from modules.model.admission.table import Admission
from modules.model.kubernetes.ingress_annotations import GROUP, HOSTNAME, ORDER, annotation_forms
from modules.model.names import Names, admission_namespace
from modules.model.selected_settings import SETTINGS, SHARED
from tests.synth.synthesis import synthesize_settings
from tests.synth.template import Body, Template

ADMISSION = Admission.of(SETTINGS.load(), SHARED)
# Terraform's types for these API server kinds.
RESOURCES = {
    "kubernetes_deployment_v1": "apps/deployments",
    "kubernetes_horizontal_pod_autoscaler_v2": "autoscaling/horizontalpodautoscalers",
    "kubernetes_ingress_v1": "networking.k8s.io/ingresses",
    "kubernetes_job_v1": "batch/jobs",
    "kubernetes_limit_range_v1": "limitranges",
    "kubernetes_namespace_v1": "namespaces",
    "kubernetes_network_policy_v1": "networking.k8s.io/networkpolicies",
    "kubernetes_pod_disruption_budget_v1": "policy/poddisruptionbudgets",
    "kubernetes_resource_quota_v1": "resourcequotas",
    "kubernetes_service_account_v1": "serviceaccounts",
    "kubernetes_service_v1": "services",
}
CUSTOM = {"ExternalSecret": "external-secrets.io/externalsecrets", "SecretStore": "external-secrets.io/secretstores"}


def manifests(bootstrap: Template, kind: str) -> dict[str, Body]:
    """Return the manifests of a kind by object name."""
    found = [bootstrap.resolve(body["manifest"]) for body in bootstrap.some("kubernetes_manifest").values()]
    return {item["metadata"]["name"]: item for item in found if item["kind"] == kind}


def test_every_policy_is_bound_in_each_of_its_environments(bootstrap: Template) -> None:
    policies = manifests(bootstrap, "ValidatingAdmissionPolicy")
    bindings = manifests(bootstrap, "ValidatingAdmissionPolicyBinding")
    everywhere = ("namespaces", "ingresses", "services", "images", "secrets")
    expected = {f"mosaic-{name}" for name in ("kinds", "parameters")}
    for environment in SETTINGS.load():
        ids = (*everywhere, *(["deletions"] if environment.protected else []))
        expected |= {f"mosaic-{environment.name}-{id_}" for id_ in ids}
    assert set(bindings) == expected
    assert {binding["spec"]["policyName"] for binding in bindings.values()} == set(policies)
    for name, policy in policies.items():
        assert policy["spec"]["failurePolicy"] == "Fail", name
        (validation,) = policy["spec"]["validations"]
        assert validation["messageExpression"], name
    for name, binding in bindings.items():
        assert binding["spec"]["validationActions"] == ["Deny"], name


def test_a_binding_holds_in_its_own_namespace_with_its_own_parameters(bootstrap: Template, environment: str) -> None:
    namespace = f"mosaic-{environment}"
    for name, binding in manifests(bootstrap, "ValidatingAdmissionPolicyBinding").items():
        if not name.startswith(f"{namespace}-"):
            continue
        spec = binding["spec"]
        selected = spec["matchResources"]["namespaceSelector"]
        assert selected == {"matchLabels": {"kubernetes.io/metadata.name": namespace}}, name
        if not name.endswith("-services"):
            wanted = {"name": namespace, "namespace": "mosaic-admission", "parameterNotFoundAction": "Deny"}
            assert spec["paramRef"] == wanted, name


def test_the_parameters_are_created_before_the_bindings(bootstrap: Template, environment: str) -> None:
    address = f"kubernetes_config_map_v1.admission_parameters_{environment.replace('-', '_')}"
    parameters = bootstrap.resolve(bootstrap.bodies[address])
    names = Names.of(SETTINGS.find(environment), SHARED)
    assert parameters["metadata"]["namespace"] == admission_namespace(SHARED)
    assert parameters["metadata"]["name"] == names.namespace
    assert parameters["data"] == admission_parameters(SETTINGS.find(environment), SHARED)
    for name, body in bootstrap.some("kubernetes_manifest").items():
        if body["manifest"]["kind"] == "ValidatingAdmissionPolicyBinding":
            assert address in bootstrap.dependencies(f"kubernetes_manifest.{name}")


def test_a_cluster_wide_binding_reads_no_parameters(bootstrap: Template) -> None:
    """If the parameters were missing, it would refuse every write in the cluster, including their restoration."""
    binding = manifests(bootstrap, "ValidatingAdmissionPolicyBinding")["mosaic-kinds"]
    assert "paramRef" not in binding["spec"]
    assert "paramKind" not in manifests(bootstrap, "ValidatingAdmissionPolicy")["mosaic-kinds"]["spec"]


def test_the_only_cluster_scoped_objects_judged_are_namespaces(bootstrap: Template) -> None:
    """A binding's namespace selector does not exclude cluster-scoped objects."""
    for name, policy in manifests(bootstrap, "ValidatingAdmissionPolicy").items():
        for rule in policy["spec"]["matchConstraints"]["resourceRules"]:
            if name != "mosaic-kinds":
                assert rule["scope"] == ("Cluster" if rule["resources"] == ["namespaces"] else "Namespaced"), name


def of_cluster(template: Template) -> Iterator[str]:
    """Return each API server resource that a stack makes."""
    for address, body in template.bodies.items():
        kind = address.partition(".")[0]
        if kind == "kubernetes_manifest":
            # Deploy roles cannot write to Argo CD's own namespace.
            if body["manifest"]["kind"] != "Application":
                yield CUSTOM[body["manifest"]["kind"]]
        elif kind.startswith("kubernetes_"):
            yield RESOURCES[kind]


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory, wholes: dict[str, Template]) -> list[Template]:
    """Every environment with both deliveries."""
    by_argocd = [environment.changed({"delivery": "argocd"}) for environment in SETTINGS.load()]
    made = [synthesize_settings(tmp_path_factory.mktemp(environment.name), environment) for environment in by_argocd]
    return [*wholes.values(), *made]


def test_a_deploy_role_may_create_exactly_the_stacks_kinds(delivered: list[Template]) -> None:
    found = {resource for template in delivered for resource in of_cluster(template)}
    # The namespace's SecretStore has its own role.
    assert found | {CUSTOM["SecretStore"]} == set(MADE)


def test_every_ingress_annotation_has_an_admitted_form(whole: Template, settings: Environment) -> None:
    parameters = admission_parameters(settings, SHARED)
    forms, places = annotation_forms(SHARED), parameters["places"].splitlines()
    of_own_load_balancer = parameters["ofOwnLoadBalancer"].splitlines()
    for name, body in whole.some("kubernetes_ingress_v1").items():
        annotations = body["metadata"]["annotations"]
        for key, value in annotations.items():
            # The certificate's ARN comes from the account.
            admitted = value.startswith("${") or f"{key}={value}" in of_own_load_balancer
            assert admitted or re.fullmatch(forms[key], value), f"{name}: {key}={value}"
        hosts = [rule["host"] for rule in body["spec"]["rule"]]
        assert {f"{annotations[GROUP]} {host} {annotations[ORDER]}" for host in hosts} <= set(places)
        assert set(annotations[HOSTNAME].split(",")) <= {place.split()[1] for place in places}


def test_the_kept_objects_are_the_stacks_objects(whole: Template, settings: Environment) -> None:
    kept = set(admission_parameters(settings, SHARED)["kept"].split())
    kinds = {
        "kubernetes_namespace_v1": "namespaces",
        "kubernetes_resource_quota_v1": "resourcequotas",
        "kubernetes_limit_range_v1": "limitranges",
        "kubernetes_network_policy_v1": "networkpolicies",
    }
    made = {
        f"{kinds[kind]}/{whole.resolve(body['metadata'])['name']}"
        for kind in kinds
        for body in whole.some(kind).values()
    }
    assert kept == (made if settings.protected else set())


def test_the_namespaces_labels_are_the_admitted_ones(template: Template, settings: Environment) -> None:
    labels = template.one("kubernetes_namespace_v1", "namespace")["metadata"]["labels"]
    wanted = admission_parameters(settings, SHARED)["labels"].split()
    assert {f"{key}={value}" for key, value in labels.items()} == set(wanted)

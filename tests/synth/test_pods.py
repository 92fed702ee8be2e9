"""Rules for every pod, and for the objects that count pods, in every environment."""

import pytest

from environments.schema.settings import Environment, Workload
from modules.model.names import Names
from modules.model.selected_settings import SHARED
from tests.synth.template import Body, Template

_PODS = {
    "kubernetes_deployment_v1.core_api_deployment",
    "kubernetes_deployment_v1.web_deployment",
    "kubernetes_job_v1.migration",
}


def _pod_specs(template: Template) -> dict[str, Body]:
    specs: dict[str, Body] = {
        address: body["spec"]["template"]["spec"]
        for address, body in template.bodies.items()
        if "template" in body.get("spec", {})
    }
    assert specs.keys() == _PODS
    return specs


def test_pods_meet_the_restricted_standard(whole: Template) -> None:
    for address, spec in _pod_specs(whole).items():
        assert spec["security_context"] == {
            "run_as_non_root": True,
            "run_as_user": "1000",
            "run_as_group": "1000",
            "fs_group": "1000",
            "seccomp_profile": {"type": "RuntimeDefault"},
        }, address
        for container in spec["container"]:
            assert container["security_context"] == {
                "allow_privilege_escalation": False,
                "privileged": False,
                "read_only_root_filesystem": True,
                # If it is omitted, the provider sends false and Pod Security refuses the pod.
                "run_as_non_root": True,
                "capabilities": {"drop": ["ALL"]},
            }, address


def test_pods_have_no_api_server_token(whole: Template) -> None:
    for address, spec in _pod_specs(whole).items():
        assert spec["automount_service_account_token"] is False, address
    for name, body in whole.some("kubernetes_service_account_v1").items():
        assert body["automount_service_account_token"] is False, name


def test_pods_mount_only_empty_directories_with_a_size_limit(whole: Template) -> None:
    for address, spec in _pod_specs(whole).items():
        volumes = {volume["name"]: volume for volume in spec["volume"]}
        assert volumes, address
        (container,) = spec["container"]
        size = {"size_limit": container["resources"]["limits"]["ephemeral-storage"]}
        assert all(volume == {"name": name, "empty_dir": size} for name, volume in volumes.items()), address
        assert [mount["name"] for mount in container["volume_mount"]] == list(volumes), address


def test_containers_set_every_resource_that_the_quota_counts(whole: Template) -> None:
    for address, spec in _pod_specs(whole).items():
        (container,) = spec["container"]
        for amount in ("requests", "limits"):
            assert container["resources"][amount].keys() == {"cpu", "memory", "ephemeral-storage"}, address


def test_replicated_pods_are_spread_but_always_scheduled(whole: Template) -> None:
    specs = _pod_specs(whole)
    assert "topology_spread_constraint" not in specs.pop("kubernetes_job_v1.migration")
    for address, spec in specs.items():
        constraints = spec["topology_spread_constraint"]
        assert [it["topology_key"] for it in constraints] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        for constraint in constraints:
            assert (constraint["max_skew"], constraint["when_unsatisfiable"]) == (1, "ScheduleAnyway"), address
            (selector,) = constraint["label_selector"]
            assert selector == whole.bodies[address]["spec"]["selector"], address


def test_images_match_the_settings(whole: Template, settings: Environment) -> None:
    images = {
        "web_deployment": ("web", settings.web.image),
        "core_api_deployment": ("core-api", settings.core_api.image),
        "migration": ("core-api", settings.core_api.image),
    }
    for address, spec in _pod_specs(whole).items():
        repository, image = images[address.split(".")[1]]
        reference = (f":{image.tag}" if image.tag else "") + (f"@{image.digest}" if image.digest else "")
        assert [container["image"] for container in spec["container"]] == [
            f"{SHARED.image_registry}/mosaic-life/{repository}{reference}"
        ], address


def test_a_mutable_image_is_pulled_at_every_start(whole: Template, settings: Environment) -> None:
    for address, spec in _pod_specs(whole).items():
        image = settings.web.image if address.endswith("web_deployment") else settings.core_api.image
        policy = "IfNotPresent" if image.is_immutable else "Always"
        assert [container["image_pull_policy"] for container in spec["container"]] == [policy], address


def test_each_image_has_its_own_migration_job(whole: Template, settings: Environment) -> None:
    names = Names.of(settings, SHARED)
    assert whole.kubernetes["kubernetes_job_v1.migration"]["name"] == names.migration_job


@pytest.mark.parametrize("name", ["web", "core_api"])
def test_replicas_autoscaler_and_disruption_budget_match_the_settings(
    whole: Template, settings: Environment, name: str
) -> None:
    workload: Workload = getattr(settings, name)
    deployment = whole.one("kubernetes_deployment_v1", f"{name}_deployment")
    budgets = whole.all("kubernetes_pod_disruption_budget_v1")
    autoscalers = whole.all("kubernetes_horizontal_pod_autoscaler_v2")
    if workload.autoscaling:
        assert "replicas" not in deployment["spec"], "the autoscaler owns the count"
        scaling = autoscalers[f"{name}_autoscaler"]["spec"]
        assert (scaling["min_replicas"], scaling["max_replicas"]) == (
            workload.autoscaling.minimum,
            workload.autoscaling.maximum,
        )
    else:
        assert deployment["spec"]["replicas"] == str(workload.replicas)
        assert f"{name}_autoscaler" not in autoscalers
    if workload.minimum_available is None:
        assert f"{name}_disruption_budget" not in budgets
    else:
        budget = budgets[f"{name}_disruption_budget"]["spec"]
        assert budget["min_available"] == str(workload.minimum_available)
        assert int(budget["min_available"]) < workload.replicas, "a node could never be drained"


def test_an_update_keeps_each_pod_until_its_successor_is_ready(whole: Template) -> None:
    for name, body in whole.some("kubernetes_deployment_v1").items():
        strategy = body["spec"]["strategy"]
        assert strategy["type"] == "RollingUpdate", name
        assert strategy["rolling_update"]["max_unavailable"] == "0", name

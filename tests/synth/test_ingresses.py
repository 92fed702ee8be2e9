"""The ingresses: an environment's rules on the account's shared load balancer, or on its own."""

from collections import defaultdict

import pytest

from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS, SHARED
from tests.synth.template import Template

# Annotations for the load balancer itself: on a shared one, setting one of these sets it for everybody.
# Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
LOAD_BALANCER_LEVEL = (
    "customer-owned-ipv4-pool",
    "inbound-cidrs",
    "ip-address-type",
    "ipam-ipv4-pool-id",
    "listener-attributes",
    "load-balancer-attributes",
    "load-balancer-name",
    "manage-backend-security-group-rules",
    "minimum-load-balancer-capacity",
    "mutual-authentication",
    "security-group-prefix-lists",
    "security-groups",
    "shield-advanced-protection",
    "ssl-policy",
    "subnets",
    "tags",
    "waf-acl-id",
    "wafv2-acl-arn",
    "wafv2-acl-name",
)
# Annotations for the group: all its ingresses must agree.
GROUP_LEVEL = ("scheme", "group.name", "listen-ports", "ssl-redirect", "certificate-arn")


def _annotations(template: Template, ingress: str) -> dict[str, str]:
    annotations: dict[str, str] = template.kubernetes[f"kubernetes_ingress_v1.{ingress}"]["annotations"]
    return annotations


@pytest.mark.parametrize("name", ["web", "core_api"])
def test_an_ingress_serves_the_settings_hosts(whole: Template, settings: Environment, name: str) -> None:
    hosts: tuple[str, ...] = getattr(settings, name).hosts
    ingress = whole.one("kubernetes_ingress_v1", f"{name}_ingress")
    assert tuple(rule["host"] for rule in ingress["spec"]["rule"]) == hosts
    annotations = _annotations(whole, f"{name}_ingress")
    assert annotations["external-dns.alpha.kubernetes.io/hostname"] == ",".join(hosts)


def test_no_ingress_changes_a_shared_load_balancer(whole: Template, settings: Environment) -> None:
    allowed = {"load-balancer-attributes", "ssl-policy", "tags"} if settings.alb == "own" else set()
    for ingress in whole.some("kubernetes_ingress_v1"):
        ours = {key.removeprefix("alb.ingress.kubernetes.io/").split(".")[0] for key in _annotations(whole, ingress)}
        assert ours & set(LOAD_BALANCER_LEVEL) == allowed, ingress


def test_all_ingresses_of_a_group_agree(wholes: dict[str, Template]) -> None:
    """All ingresses on the shared load balancer, and both of an environment with its own."""
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    members: dict[str, set[str]] = defaultdict(set)
    for name, whole in wholes.items():
        for ingress in whole.some("kubernetes_ingress_v1"):
            annotations = _annotations(whole, ingress)
            group = annotations["alb.ingress.kubernetes.io/group.name"]
            groups[group].append(annotations)
            members[group].add(name)
    for group, ingresses in groups.items():
        for annotation in GROUP_LEVEL:
            values = {annotations[f"alb.ingress.kubernetes.io/{annotation}"] for annotations in ingresses}
            assert len(values) == 1, f"{group}: {annotation}: {values}"
    sharing = {settings.name for settings in SETTINGS.load() if settings.alb == "shared"}
    assert members.pop(SHARED.load_balancer_group, set()) == sharing
    assert all(len(names) == 1 for names in members.values()), members


def test_the_load_balancer_and_the_container_use_the_same_health_check(whole: Template) -> None:
    """The path is served by the same process, so a pod is not removed because of a path that nothing serves."""
    for name in ("web", "core_api"):
        path = _annotations(whole, f"{name}_ingress")["alb.ingress.kubernetes.io/healthcheck-path"]
        pod = whole.one("kubernetes_deployment_v1", f"{name}_deployment")["spec"]["template"]["spec"]
        assert [container["liveness_probe"]["http_get"]["path"] for container in pod["container"]] == [path]

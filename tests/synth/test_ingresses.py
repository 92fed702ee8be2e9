"""The ingresses: rules of this environment in the account's shared load balancer."""

import pytest

from environments import catalogue
from tests.synth.template import Template

# Of the load balancer itself, which all environments share: whoever sets one of these sets it for all.
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
# Of the group: all its ingresses have to agree.
GROUP_LEVEL = ("scheme", "group.name", "listen-ports", "ssl-redirect", "certificate-arn")


def _annotations(template: Template, ingress: str) -> dict[str, str]:
    annotations: dict[str, str] = template.kubernetes[f"kubernetes_ingress_v1.{ingress}"]["annotations"]
    return annotations


@pytest.mark.parametrize("name", ["web", "core_api"])
def test_ingress_hosts_are_the_settings(template: Template, environment: str, name: str) -> None:
    hosts: tuple[str, ...] = getattr(catalogue.find(environment), name).hosts
    ingress = template.one("kubernetes_ingress_v1", f"{name}_ingress")
    assert tuple(rule["host"] for rule in ingress["spec"]["rule"]) == hosts
    annotations = _annotations(template, f"{name}_ingress")
    assert annotations["external-dns.alpha.kubernetes.io/hostname"] == ",".join(hosts)


def test_no_ingress_touches_the_load_balancer_itself(template: Template) -> None:
    for ingress in template.all("kubernetes_ingress_v1"):
        ours = {key.removeprefix("alb.ingress.kubernetes.io/").split(".")[0] for key in _annotations(template, ingress)}
        assert not ours & set(LOAD_BALANCER_LEVEL), ingress


def test_all_ingresses_of_the_group_agree(templates: dict[str, Template]) -> None:
    for annotation in GROUP_LEVEL:
        values = {
            _annotations(template, ingress)[f"alb.ingress.kubernetes.io/{annotation}"]
            for template in templates.values()
            for ingress in template.all("kubernetes_ingress_v1")
        }
        assert len(values) == 1, f"{annotation}: {values}"


def test_the_load_balancer_checks_what_the_container_checks(template: Template) -> None:
    """Its path answers in the same process, so that a pod is not taken out for a path that nothing serves."""
    for name in ("web", "core_api"):
        path = _annotations(template, f"{name}_ingress")["alb.ingress.kubernetes.io/healthcheck-path"]
        pod = template.one("kubernetes_deployment_v1", f"{name}_deployment")["spec"]["template"]["spec"]
        assert [container["liveness_probe"]["http_get"]["path"] for container in pod["container"]] == [path]

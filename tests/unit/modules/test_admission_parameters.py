"""Admission policy parameters for settings that staging and production do not use."""

import re

import pytest

from environments.schema.formats import IMMUTABLE_TAG, is_immutable
from modules.model.admission.parameters import admission_parameters
from modules.model.selected_settings import SHARED
from tests.unit.environments.example import environment

DOCS = {
    "name": "docs",
    "labels": {"app": "docs"},
    "images": ("tvanro/docs", "tvanro/docs-cache"),
    "hosts": ("docs-test.mosaiclife.me",),
    "load_balancer_group": "docs",
    "load_balancer_order": 7,
    "pod_security": "baseline",
}


def test_a_neighbour_has_its_own_objects_and_images() -> None:
    found = admission_parameters(environment({"neighbours": (DOCS,)}), SHARED)
    assert found["places"].splitlines() == [
        "mosaic-life-main test.mosaiclife.me 210",
        "mosaic-life-main test-api.mosaiclife.me 220",
        "docs docs-test.mosaiclife.me 7",
    ]
    assert found["images"].splitlines() == ["tvanro/docs", "tvanro/docs-cache"]
    assert "pod-security.kubernetes.io/enforce=baseline" in found["labels"].splitlines()


def test_an_own_load_balancer_is_described_by_its_ingresses() -> None:
    shared, own = (admission_parameters(environment({"alb": alb}), SHARED) for alb in ("shared", "own"))
    assert shared["ofOwnLoadBalancer"] == ""
    keys = [line.partition("=")[0] for line in own["ofOwnLoadBalancer"].splitlines()]
    assert keys == [
        "alb.ingress.kubernetes.io/tags",
        "alb.ingress.kubernetes.io/load-balancer-attributes",
        "alb.ingress.kubernetes.io/ssl-policy",
    ]
    assert {line.split()[0] for line in own["places"].splitlines()} == {"mosaic-life-test"}


def test_paused_and_argo_cd_delivered_objects_may_return_without_a_bootstrap() -> None:
    plain = admission_parameters(environment(), SHARED)
    assert admission_parameters(environment({"paused": True, "delivery": "argocd"}), SHARED) == plain


def test_only_a_protected_environment_keeps_and_fixes_objects() -> None:
    plain = admission_parameters(environment(), SHARED)
    protected = admission_parameters(environment({"protected": True, "neighbours": (DOCS,)}), SHARED)
    assert (plain["kept"], plain["immutable"]) == ("", "false")
    assert protected["immutable"] == "true"
    assert protected["kept"].splitlines() == [
        "namespaces/mosaic-test",
        "resourcequotas/quota",
        "limitranges/limits",
        "networkpolicies/default-deny",
        "networkpolicies/allow",
    ]


@pytest.mark.parametrize(
    "tag",
    ["1a2b3c4", "prod-80d2e05", "staging-e399d2f", "v1.2.3", "1.2.3-rc.1", "main", "develop", "prod-", "1.2", "abc"],
)
def test_the_api_server_and_the_settings_agree_on_mutable_tags(tag: str) -> None:
    assert bool(re.fullmatch(IMMUTABLE_TAG, tag)) is is_immutable(tag)

"""Neighbours in an environment's namespace: valid settings, and the messages for invalid ones."""

import pytest
from pydantic import ValidationError

from environments.schema.neighbour import Neighbour, weakest
from environments.schema.rules import SettingsError, check
from environments.shared import SHARED
from tests.unit.environments.example import Data, environment

PRERENDER: Data = {
    "name": "prerender",
    "labels": {"app.kubernetes.io/name": "prerender"},
    "connections": ({"direction": "in", "peer": "own namespace", "port": 3000},),
    "pod_security": "privileged",
}


def test_a_namespace_enforces_the_weakest_standard_its_neighbours_need() -> None:
    def of(level: str) -> Neighbour:
        return Neighbour.model_validate({**PRERENDER, "pod_security": level})

    assert weakest(()) == "restricted"
    assert weakest((of("restricted"),)) == "restricted"
    assert weakest((of("restricted"), of("baseline"))) == "baseline"
    assert weakest((of("privileged"), of("baseline"))) == "privileged"


def test_valid_neighbours_are_accepted() -> None:
    docs = {
        "name": "docs",
        "labels": {"app": "docs", "app.kubernetes.io/instance": "mosaic-life-test"},
        "images": ("docs", "localhost:5000/team/docs_v2", "ghcr.io/team/docs--all"),
        "hosts": ("docs-test.mosaiclife.me",),
        "load_balancer_group": "docs",
        "load_balancer_order": 5,
    }
    check([environment({"neighbours": (PRERENDER, docs)})], SHARED)


def test_a_neighbour_cannot_have_an_environments_host() -> None:
    docs = {"name": "docs", "labels": {"app": "docs"}, "hosts": ("test.mosaiclife.me",), "load_balancer_group": "docs"}
    with pytest.raises(SettingsError, match=r"host 'test\.mosaiclife\.me' is used twice by test"):
        check([environment({"neighbours": (docs,)})], SHARED)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": {}}, "should have at least 1 item"),
        ({"labels": {"a b": "c"}}, "'a b' is not a label key; allowed: 1 to 63 of A-Z"),
        ({"labels": {"Example.org/name": "c"}}, "is not a label key"),
        ({"labels": {"app": "a/b"}}, "'a/b' is not a label value; allowed: 1 to 63"),
        ({"name": "Prerender"}, "should match pattern"),
        ({"pod_security": "none"}, "'restricted', 'baseline' or 'privileged'"),
        ({"connections": ({"direction": "in", "peer": "own namespace", "port": 0},)}, "greater than or equal to 1"),
        (
            {"connections": ({"direction": "in", "peer": "own namespace", "port": 65536},)},
            "less than or equal to 65535",
        ),
        ({"connections": ({"direction": "in", "peer": "vpc", "port": 1},)}, "would admit every other environment"),
        (
            {"images": ("tvanro/prerender:7",)},
            "'tvanro/prerender:7' is not the repository of an image; allowed: names of",
        ),
        ({"images": ("tvanro/",)}, "is not the repository of an image"),
        ({"hosts": ("docs.mosaiclife.me",)}, "with load_balancer_group=None; allowed: both, or neither"),
        ({"load_balancer_group": "docs"}, "hosts is () with load_balancer_group='docs'; allowed: both, or neither"),
        ({"load_balancer_order": 1001}, "less than or equal to 1000"),
        ({"connections": PRERENDER["connections"] * 2}, "in 'own namespace' on 3000 is listed 2 times; allowed: once"),
    ],
)
def test_an_invalid_neighbour_gives_one_message(change: Data, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        environment({"neighbours": ({**PRERENDER, **change},)})
    (problem,) = raised.value.errors()
    assert message in problem["msg"]


def test_two_neighbours_with_one_name_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"^test\.neighbours: 'prerender' is listed 2 times; allowed: once$"):
        check([environment({"neighbours": (PRERENDER, PRERENDER)})], SHARED)


@pytest.mark.parametrize(
    ("labels", "pods"),
    [
        ({"app": "web"}, ["web"]),
        ({"app.kubernetes.io/name": "core-api"}, ["core-api"]),
        ({"app": "core-api-migration"}, ["core-api-migration"]),
        ({"app.kubernetes.io/instance": "mosaic-life-test"}, ["core-api", "web", "core-api-migration"]),
        ({"environment": "test"}, ["core-api", "web", "core-api-migration"]),
    ],
)
def test_a_neighbour_with_our_own_pods_labels_is_refused(labels: Data, pods: list[str]) -> None:
    with pytest.raises(SettingsError) as raised:
        check([environment({"neighbours": ({**PRERENDER, "labels": labels},)})], SHARED)
    assert str(raised.value).splitlines() == [
        f"test.neighbours.prerender.labels: {labels} also selects pods of {name}; "
        "allowed: a label that no pod of this environment itself has"
        for name in pods
    ]

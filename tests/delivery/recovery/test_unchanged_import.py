"""An import that changes nothing: Terraform's configuration for it, and the imported objects."""

from typing import Any

import pytest

from delivery.recovery.inventory import Inventory
from delivery.recovery.search import Found, is_tracked
from delivery.recovery.unchanged_import import configuration
from modules.model.application_objects import application_objects
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets
from modules.model.selected_settings import SETTINGS, SHARED
from tests.synth.template import Template

STAGING = SETTINGS.find("staging")
NAMES = Names.of(STAGING, SHARED)
WORKLOADS = application_objects(NAMES, ApplicationSecrets.of(STAGING, SHARED, NAMES))


def _inventory(addresses: list[str]) -> Inventory:
    return Inventory(
        steps=(),
        imports={address: Found(id=WORKLOADS[address], name=address) for address in addresses},
        forgotten=(),
        restored=(),
        failed_jobs=(),
        untainted=(),
    )


@pytest.fixture(scope="module")
def stack(templates: dict[str, Template]) -> dict[str, Any]:
    content = templates["staging"].document
    # As in a stack that adopts something: the deploy does that import.
    return {**content, "import": [{"to": "aws_s3_bucket.media", "id": "b"}]}


@pytest.fixture(scope="module")
def addresses(stack: dict[str, Any]) -> list[str]:
    declared = {f"{type_}.{name}" for type_, bodies in stack["resource"].items() for name in bodies}
    return sorted(WORKLOADS.keys() & declared)


def test_only_the_given_objects_are_imported_and_nothing_else_changes(
    stack: dict[str, Any], addresses: list[str]
) -> None:
    changed = configuration(stack, _inventory(addresses), namespace=NAMES.namespace)
    assert addresses
    assert changed["import"] == [{"to": address, "id": WORKLOADS[address]} for address in addresses]
    for type_, bodies in stack["resource"].items():
        for name, body in bodies.items():
            assert (changed["resource"][type_][name] == body) is (f"{type_}.{name}" not in addresses)
    assert changed.keys() == stack.keys()


def test_an_imported_object_depends_on_nothing_and_ignores_every_difference(
    stack: dict[str, Any], addresses: list[str]
) -> None:
    changed = configuration(stack, _inventory(addresses), namespace=NAMES.namespace)
    for address in addresses:
        type_, _, name = address.partition(".")
        body = changed["resource"][type_][name]
        assert "${" not in str(body), address
        assert "depends_on" not in body
        if type_ == "kubernetes_manifest":
            # Without a field that the provider could manage.
            assert body["manifest"].keys() == {"apiVersion", "kind", "metadata"}
            assert body["manifest"]["metadata"]["namespace"] == NAMES.namespace
        else:
            assert body["lifecycle"] == {"ignore_changes": "all"}
            assert body["metadata"]["namespace"] == NAMES.namespace


@pytest.mark.parametrize(
    ("metadata", "tracked"),
    [
        ({}, False),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "mosaic-life-staging:apps/Deployment:n/web"}}, True),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "mosaic-life-staging-2:apps/Deployment:n/web"}}, False),
        ({"labels": {"app.kubernetes.io/instance": "mosaic-life-staging"}}, True),
        ({"labels": {"app.kubernetes.io/instance": "prerender-staging"}}, False),
    ],
)
def test_an_object_names_its_application(metadata: dict[str, Any], tracked: bool) -> None:  # noqa: FBT001
    assert is_tracked(metadata, "mosaic-life-staging") is tracked

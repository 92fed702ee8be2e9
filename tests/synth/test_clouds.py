"""AWS and the local cloud get the same stack; the output does not depend on time or place."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.schema.settings import BOOTSTRAP
from modules.model import provider_lock
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS
from tests.conftest import ENVIRONMENTS, LOCAL_CLOUD, read_templates, synthesize
from tests.synth.template import Template


@pytest.fixture(scope="module")
def local_stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesize(tmp_path_factory.mktemp("local"), LOCAL_CLOUD)


@pytest.fixture(scope="module")
def local_templates(local_stacks: Path) -> dict[str, Template]:
    return read_templates(local_stacks)


def _different(one: object, other: object, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from _different(one.get(key), other.get(key), f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _different(left, right, f"{path}[{index}]")
    elif one != other:
        yield path


def test_the_local_cloud_changes_only_the_addresses_of_aws_and_the_state(
    templates: dict[str, Template], local_templates: dict[str, Template], environment: str
) -> None:
    different = set(_different(templates[environment].document, local_templates[environment].document, ""))
    assert different == {
        ".provider.aws[0].s3_use_path_style",
        ".provider.aws[0].skip_metadata_api_check",
        ".terraform.backend.s3.endpoints",
        ".terraform.backend.s3.use_path_style",
        ".terraform.backend.s3.skip_metadata_api_check",
    }


def test_the_state_is_local_on_the_local_cloud(local_templates: dict[str, Template], environment: str) -> None:
    endpoints = local_templates[environment].document["terraform"]["backend"]["s3"]["endpoints"]
    assert endpoints == dict.fromkeys(("iam", "s3", "sts"), LOCAL_CLOUD["AWS_ENDPOINT_URL"])


def test_only_a_stack_on_aws_has_a_provider_lock_file(aws_stacks: Path, local_stacks: Path) -> None:
    locked = {stack.parent.name: _locked(stack.parent) for stack in aws_stacks.glob("*/cdk.tf.json")}
    assert locked == {name: ["aws", "kubernetes", "postgresql"] for name in (BOOTSTRAP, *SETTINGS.names())}
    assert not list(local_stacks.glob(f"*/{provider_lock.NAME}"))


def _locked(stack: Path) -> list[str]:
    """Return the provider names in a stack's lock file."""
    return sorted(re.findall(r'^provider "\S+/(\S+)" {$', (stack / provider_lock.NAME).read_text(), re.MULTILINE))


def test_two_syntheses_are_equal_byte_for_byte(aws_stacks: Path, tmp_path: Path) -> None:
    # A different hash seed reveals iteration over a set.
    again = synthesize(tmp_path, {"PYTHONHASHSEED": "1"})
    for name in ENVIRONMENTS:
        path = Path(name) / "cdk.tf.json"
        assert (aws_stacks / path).read_bytes() == (again / path).read_bytes(), name


def test_a_stack_contains_no_local_path(aws_stacks: Path, environment: str) -> None:
    text = (aws_stacks / environment / "cdk.tf.json").read_text()
    assert str(ROOT) not in text
    assert str(Path.home()) not in text

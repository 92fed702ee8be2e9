"""Unsafe stacks are refused for their own reason; stacks that are safe to plan are not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from delivery.proposal.plannable import refusals
from delivery.proposal.synthesis import synthesize
from environments.schema.document import SettingsDocument
from modules.model.selected_settings import SETTINGS, settings_of
from tests.delivery.proposal.attacks import ATTACKS, HARMLESS
from tests.delivery.proposal.conftest import Stack
from tests.doctored import doctored


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_for_its_own_reason(stacks: dict[str, Stack], name: str) -> None:
    edits, address, words = ATTACKS[name]
    trusted = stacks["staging"]
    found = refusals(doctored(trusted, *edits), trusted)
    [refusal] = found
    assert refusal.address == address
    assert words in refusal.words
    assert "allowed" in refusal.words
    assert "\n" not in refusal.words


@pytest.mark.parametrize("name", HARMLESS)
def test_changes_that_are_safe_to_plan_are_not_refused(stacks: dict[str, Stack], name: str) -> None:
    trusted = stacks["staging"]
    assert refusals(doctored(trusted, *HARMLESS[name]), trusted, trusted) == ()


@pytest.mark.parametrize(
    ("account", "changes"),
    [
        ("built", {}),
        ("built", {"delivery": "argocd"}),
        ("built", {"paused": True}),
        ("designed", {"alb": "own", "paused": True}),
        ("designed", {"delivery": "argocd", "alb": "own"}),
        ("designed", {}),
    ],
)
def test_this_checkouts_stacks_may_be_planned(account: str, changes: Mapping[str, object]) -> None:
    whole = SettingsDocument.of(settings_of(account))
    settings = SettingsDocument(
        shared=whole.shared, environments=tuple(environment.changed(changes) for environment in whole.environments)
    )
    names = ("bootstrap", *(environment.name for environment in settings.environments))
    for stack in synthesize(settings, names).values():
        assert refusals(stack, stack, stack) == ()
        # New blocks are refused only if they run something, or read something that nothing read before.
        without = {**stack, "resource": {}, "data": stack["data"], "output": {}}
        words = {refusal.words for refusal in refusals(stack, without)}
        assert all("provisioner in a resource" in each or "ephemeral" in each for each in words)


@pytest.mark.parametrize(
    ("field", "value", "addresses"),
    [
        ("project", "evil", {"provider.postgresql", "terraform.backend"}),
        ("account", "111122223333", {"provider.aws", "terraform.backend"}),
        ("region", "eu-west-1", {"provider.aws", "provider.kubernetes", "terraform.backend"}),
    ],
)
def test_settings_that_point_elsewhere_are_refused(
    stacks: dict[str, Stack], field: str, value: str, addresses: set[str]
) -> None:
    whole = SettingsDocument.of(SETTINGS)
    settings = SettingsDocument(shared=whole.shared.changed({field: value}), environments=whole.environments)
    stack = synthesize(settings, ["staging"])["staging"]
    found = refusals(stack, stack, stacks["staging"])
    assert {refusal.address for refusal in found} == addresses
    assert all("lead Terraform elsewhere" in refusal.words for refusal in found)


def test_default_tags_are_harmless(stacks: dict[str, Stack]) -> None:
    base = stacks["staging"]
    trusted = doctored(base, (("provider", "aws", 0, "default_tags", 0, "tags", "Project"), "Other"))
    assert refusals(trusted, trusted, base) == ()


def test_a_long_value_is_not_shown_in_full(stacks: dict[str, Stack]) -> None:
    text = f'${{file("{"x" * 100_000}")}}'
    trusted = stacks["staging"]
    [refusal] = refusals(doctored(trusted, (("output", "new", "value"), text)), trusted)
    assert len(refusal.words) < 400


def test_without_data_in_the_trusted_stack_no_data_is_allowed(stacks: dict[str, Stack]) -> None:
    trusted: dict[str, Any] = {**stacks["staging"], "data": {}}
    words = {refusal.words for refusal in refusals(stacks["staging"], trusted)}
    assert "data of the kind aws_lb; allowed: none" in words


def test_a_stack_of_another_environment_is_refused(stacks: dict[str, Stack]) -> None:
    addresses = {refusal.address for refusal in refusals(stacks["prod"], stacks["staging"])}
    assert {"terraform.backend", "provider.aws", "provider.postgresql"} <= addresses


def test_the_refused_stack_is_the_proposed_one(stacks: dict[str, Stack], tmp_path: Path) -> None:
    """The stack survives JSON, so the planned stack can be rewritten from the compared one."""
    (tmp_path / "x").write_text(json.dumps(stacks["prod"]))
    assert refusals(json.loads((tmp_path / "x").read_text()), stacks["prod"]) == ()

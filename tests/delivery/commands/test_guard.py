"""The guard on real plans of the stacks, its overrides, and its command line."""

import json
from pathlib import Path

import pytest

from delivery.commands.guard import main
from delivery.policy.overrides import Overrides
from delivery.policy.rules.table import RULES
from environments.schema import catalogue
from modules.model.project import ROOT
from tests.delivery.plan_documents import FOLDER, document, plan, real_verdict, resource, said, stack
from tests.delivery.policy.guard_command import run
from tests.delivery.policy.rules import test_data, test_database, test_names, test_namespace, test_network, test_public
from tests.delivery.policy.rules import test_permissions as test_rights
from tests.delivery.policy.rules.parts import kubernetes

DOCUMENTATION = ROOT / "docs" / "plan-guard.md"
QUOTA_GONE = resource("kubernetes_resource_quota_v1", "destroy", kubernetes(hard={"pods": "20"}))


def test_override_with_a_reason_allows_one_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because the load test needs 200 pods"
    text = f"# Load test\r\n\r\n{line}\r\n"
    assert run("staging", document(QUOTA_GONE), stack("staging", QUOTA_GONE), tmp_path, text) == 0
    assert "allowed because the load test needs 200 pods" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said_"),
    [
        ("plan-guard: allow quota staging:kubernetes_resource_quota_v1.x", "this is no override"),
        ("plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because ", "this is no override"),
        ("- plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because so", "this is no override"),
        ("plan-guard: allow quota staging:kubernetes_resource_quota_v1.y because so", "this override matches nothing"),
        (
            "plan-guard: allow data-loss staging:kubernetes_resource_quota_v1.x because so",
            "this override matches nothing",
        ),
        ("plan-guard: allow quota prod:kubernetes_resource_quota_v1.x because so", "staging: stopped by 1 finding"),
        ("plan-guard: allow quota stagin:kubernetes_resource_quota_v1.x because so", "this override matches nothing"),
        (
            "<!-- \nplan-guard: allow quota staging:kubernetes_resource_quota_v1.x because so\n -->",
            "staging: stopped by 1 finding",
        ),
        (
            "<!-- \nplan-guard: allow quota staging:kubernetes_resource_quota_v1.x because so",
            "staging: stopped by 1 finding",
        ),
    ],
)
def test_override_that_allows_nothing(
    text: str, said_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("staging", document(QUOTA_GONE), stack("staging", QUOTA_GONE), tmp_path, text) == 1
    assert said_ in capsys.readouterr().out


def test_control_characters_cannot_speak_to_the_runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line that begins with two colons is a command to GitHub's runner."""
    row = resource("aws_s3_bucket", "create", None, {"bucket": "a\n::add-mask::b\u202e"})
    assert run("staging", document(row), stack("staging", row), tmp_path) == 1
    output = capsys.readouterr().out
    assert "\\n::add-mask::b\\u202e" in output
    assert not [line for line in output.splitlines() if line.startswith("::")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "not JSON"),
        ("[]", "not a plan"),
        ("{}", "not a plan: format_version: Field required; terraform_version: Field required"),
        (json.dumps({**document(), "format_version": "2.0"}), "not a plan: format_version"),
        (json.dumps(document(errored=True)), "the plan of a run that failed"),
        (json.dumps(document(complete=False)), "a plan of only a part"),
        (
            json.dumps(document({**QUOTA_GONE, "change": {"actions": ["pull"]}})),
            "the actions 'pull' are unknown; allowed: no-op, create, update",
        ),
    ],
)
def test_plan_that_cannot_be_judged(
    content: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    assert main(["staging", str(file), "--stack", str(FOLDER / "staging-empty.stack.json")]) == 2
    error = capsys.readouterr().err
    assert str(file) in error
    assert expected in error


def test_error_shows_no_value_of_the_plan() -> None:
    with pytest.raises(ValueError, match="not a plan") as error:
        plan({**QUOTA_GONE, "change": {"actions": ["delete"], "before": "planted-secret"}})
    assert "planted-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["staging", "missing.json"], "missing.json: the plan cannot be read"),
        (
            ["nowhere", str(FOLDER / "staging-empty.plan.json"), "--stack", str(FOLDER / "staging-empty.stack.json")],
            f"environment 'nowhere' is unknown; allowed: {', '.join(catalogue.names())}",
        ),
        (
            ["staging", str(FOLDER / "staging-empty.plan.json"), "--stack", "missing.json"],
            "missing.json: the stack cannot be read",
        ),
        (
            ["staging", str(FOLDER / "staging-empty.plan.json"), "--stack", str(FOLDER / "staging-empty.plan.json")],
            "not a synthesized stack",
        ),
        (
            ["staging", str(FOLDER / "staging-empty.plan.json"), "--pull-request-text", "missing.md"],
            "missing.md: the pull request's text cannot be read: No such file",
        ),
    ],
)
def test_input_that_cannot_be_read(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "staging-create",
        "staging-empty",
        "staging-replicas",
        "staging-image",
        "staging-rotation",
        "staging-planted",
        "prod-adopt",
        "prod-empty",
    ],
)
def test_real_plan_passes(name: str) -> None:
    assert said(real_verdict(name)) == []


def test_unreadable_lines_are_kept_as_they_are() -> None:
    assert Overrides.of("plan-guard: please").unreadable == ("plan-guard: please",)


def test_documentation_has_every_rule() -> None:
    text = DOCUMENTATION.read_text()
    for rule_ in RULES:
        assert f"| `{rule_.id}` | {rule_.blocks} | {rule_.reason} |" in text


def test_every_rule_has_a_change_that_breaks_it() -> None:
    families = (test_data, test_database, test_names, test_namespace, test_network, test_public, test_rights)
    broken = {said_.split()[1] for family in families for _, said_ in family.CHANGES.values() if said_}
    assert broken | {"place"} == {rule.id for rule in RULES}

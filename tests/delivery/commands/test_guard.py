"""The command ``python -m delivery guard``: overrides, and input that it rejects."""

import json
from pathlib import Path

import pytest

from delivery.commands.guard import main
from modules.model.selected_settings import SETTINGS
from tests.delivery.plan_documents import FOLDER, document, resource, stack
from tests.delivery.policy.guard_command import run
from tests.delivery.policy.rules.parts import kubernetes

QUOTA = kubernetes(hard={"pods": "20"})
QUOTA_GONE = resource("kubernetes_resource_quota_v1", "destroy", QUOTA)
# The stack still makes another one of this kind.
QUOTA_STAYS = resource("kubernetes_resource_quota_v1", "unchanged", QUOTA, QUOTA, name="stays")
ROWS = (QUOTA_GONE, QUOTA_STAYS)


def test_an_override_with_a_reason_allows_one_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because the load test needs 200 pods"
    text = f"# Load test\r\n\r\n{line}\r\n"
    assert run("staging", document(*ROWS), stack("staging", *ROWS), tmp_path, text) == 0
    assert "allowed because the load test needs 200 pods" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said_"),
    [
        ("plan-guard: allow quota staging:kubernetes_resource_quota_v1.x", "this is not an override"),
        ("plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because ", "this is not an override"),
        ("> plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because so", "this is not an override"),
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
def test_a_malformed_or_misplaced_override_has_no_effect(
    text: str, said_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("staging", document(*ROWS), stack("staging", *ROWS), tmp_path, text) == 1
    assert said_ in capsys.readouterr().out


def test_control_characters_cannot_send_commands_to_the_runner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitHub's runner executes a line that begins with two colons as a command."""
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
def test_a_plan_that_cannot_be_judged_is_refused(
    content: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    assert main(["staging", str(file), "--stack", str(FOLDER / "staging-empty.stack.json")]) == 2
    error = capsys.readouterr().err
    assert str(file) in error
    assert expected in error


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["staging", "missing.json"], "missing.json: the plan cannot be read"),
        (
            ["nowhere", str(FOLDER / "staging-empty.plan.json"), "--stack", str(FOLDER / "staging-empty.stack.json")],
            f"environment 'nowhere' is unknown; allowed: {', '.join(SETTINGS.names())}",
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
def test_input_that_cannot_be_read_is_refused(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert expected in capsys.readouterr().err

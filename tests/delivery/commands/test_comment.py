"""The command ``python -m delivery comment``: it writes the review, and rejects unreadable input."""

import json
from pathlib import Path

import pytest

from delivery.commands.comment import main
from modules.model.selected_settings import SETTINGS
from tests.delivery.plan_documents import (
    FOLDER,
    real_stack,
)
from tests.delivery.review.comment_writing import COMMENTS, COMMIT, URL


def run(folder: Path, *arguments: str) -> int:
    for name, planned in (("staging", "staging-replicas"), ("prod", "prod-empty")):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "cdk.tf.json").write_text(json.dumps(real_stack(planned)))
    return main(["--commit", COMMIT, "--out", str(folder / "comment.md"), "--stacks", str(folder), *arguments])


def test_the_command_writes_the_comment(tmp_path: Path) -> None:
    outcomes = f"staging={FOLDER / 'staging-replicas.plan.json'}", f"prod={FOLDER / 'prod-failed.log'}"
    assert run(tmp_path, *outcomes, "--artifact-url", URL) == 0
    assert (tmp_path / "comment.md").read_text() == (COMMENTS / "failed.md").read_text()


def test_the_command_masks_the_secrets_of_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted+value/of-the-runner")
    log = tmp_path / "failed.log"
    log.write_text("Error: sent planted+value/of-the-runner")
    assert run(tmp_path, f"prod={log}") == 0
    assert "Error: sent (sensitive value)" in (tmp_path / "comment.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["staging"], "'staging': allowed: ENVIRONMENT=PLAN.json, or ENVIRONMENT=FAILED.log"),
        (["staging=plan.txt"], "'staging=plan.txt': allowed: ENVIRONMENT=PLAN.json"),
        (["nowhere=plan.json"], f"environment 'nowhere' is unknown; allowed: {', '.join(SETTINGS.names())}"),
        (["staging=missing.json"], "missing.json: the plan cannot be read"),
        (["staging=missing.log"], "missing.log: the log cannot be read"),
        ([f"staging={FOLDER / 'staging-empty.stack.json'}"], "staging-empty.stack.json: not a plan"),
        ([f"prod={FOLDER / 'prod-failed.log'}"] * 2, "prod: given more than once; allowed: one file per environment"),
    ],
)
def test_the_command_refuses_unusable_files(
    arguments: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, *arguments) == 2
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "comment.md").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--commit", "main"], "'main' is not a commit; allowed: 40 hex digits"),
        (["--artifact-url", "http://example.com"], "cannot be linked; allowed: an https URL"),
        (["--artifact-url", "https://example.com/a)<b"], "cannot be linked; allowed: an https URL"),
    ],
)
def test_the_command_refuses_malformed_arguments(
    arguments: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        run(tmp_path, "staging=plan.json", *arguments)
    assert refused.value.code == 2
    assert expected in capsys.readouterr().err

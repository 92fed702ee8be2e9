"""The workflows' list of environments comes only from the catalogue."""

import json
from pathlib import Path

import pytest

from delivery.commands.environments import main
from delivery.github.environment_matrix import Row
from delivery.github.environment_matrix import matrix as rows_of
from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS, SHARED


def matrix(branch: str | None = None) -> list[Row]:
    return rows_of(SETTINGS.lasting(), SHARED, branch=branch)


def test_every_permanent_environment_has_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["environment"] for row in matrix()] == list(SETTINGS.lasting_names())
    assert main([]) == 0
    assert json.loads(capsys.readouterr().out.removeprefix("matrix=")) == {"include": matrix()}


@pytest.mark.parametrize("environment", SETTINGS.lasting(), ids=lambda environment: environment.name)
def test_a_branch_lists_only_its_own_environments(environment: Environment) -> None:
    rows = matrix(environment.branch)
    assert environment.name in [row["environment"] for row in rows]
    assert {row["branch"] for row in rows} == {environment.branch}


def test_a_row_names_the_branch_the_region_and_both_roles() -> None:
    assert {
        "environment": "staging",
        "branch": "develop",
        "region": "us-east-1",
        "plan_role": f"arn:aws:iam::{SHARED.account}:role/mosaic-staging-plan",
        "deploy_role": f"arn:aws:iam::{SHARED.account}:role/mosaic-staging-deploy",
    } in matrix("develop")


def test_the_command_sets_the_step_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "output"
    output.write_text("x=y\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    assert main(["--branch", "main"]) == 0
    before, line = output.read_text().splitlines()
    assert (before, line) == ("x=y", capsys.readouterr().out.strip())
    assert json.loads(line.removeprefix("matrix=")) == {"include": matrix("main")}


def test_a_branch_without_an_environment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--branch", "topic"]) == 2
    branches = ", ".join(sorted({str(environment.branch) for environment in SETTINGS.lasting()}))
    assert f"no environment is deployed from branch 'topic'; allowed: {branches}" in capsys.readouterr().err


def test_one_environment_is_listed_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "staging"]) == 0
    rows = json.loads(capsys.readouterr().out.removeprefix("matrix="))["include"]
    assert [row["environment"] for row in rows] == ["staging"]


def test_a_preview_is_listed_only_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "preview-1"]) == 0
    (row,) = json.loads(capsys.readouterr().out.removeprefix("matrix="))["include"]
    assert (row["environment"], row["branch"]) == ("preview-1", SHARED.default_branch)
    assert row["deploy_role"] == f"arn:aws:iam::{SHARED.account}:role/mosaic-preview-1-deploy"


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "nowhere"]) == 2
    assert f"environment 'nowhere' is unknown; allowed: {', '.join(SETTINGS.names())}" in capsys.readouterr().err


def test_protected_environments_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--unprotected"]) == 0
    rows = json.loads(capsys.readouterr().out.removeprefix("matrix="))["include"]
    assert [row["environment"] for row in rows] == [row.name for row in SETTINGS.lasting() if not row.protected]
    assert main(["--unprotected", "--only", "prod"]) == 2
    assert "every environment is protected" in capsys.readouterr().err

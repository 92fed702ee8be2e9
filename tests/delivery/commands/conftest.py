"""Fixtures that the tests of several commands share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.terraform.workspace import Workspace
from modules.model.acting_role import DEPLOY
from tests.delivery.commands.reviewed_deploy import Deploy
from tests.delivery.github.github_fixture import MERGE, pull_request, serving
from tests.delivery.terraform.local_stack import workspace


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A stack with a saved plan."""
    stack = workspace(tmp_path_factory.mktemp("planned"))
    stack.plan(DEPLOY, lock=True)
    return stack


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planned: Workspace) -> Iterator[Deploy]:
    with serving(pull_request()) as github:
        variables = {
            **github.variables(),
            "CDKTF_OUTPUT": str(tmp_path),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "9",
            "GITHUB_SHA": MERGE,
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield Deploy(github, tmp_path / "stacks" / "staging", planned)

"""What several commands' tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.commands.reviewed_deploy import Deploy
from tests.delivery.github.github_fixture import MERGE, pull_request, serving


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deploy]:
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
        yield Deploy(github, tmp_path / "stacks" / "staging")

"""The workflow runner behaves like GitHub, and reports anything that it does not support."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from delivery.rehearsal.github_stand_in import GitHubStandIn
from delivery.rehearsal.workflow_runner import Rehearsal, WorkflowError
from tests.delivery.github.github_fixture import REPOSITORY


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with GitHubStandIn(repository=REPOSITORY, token="made-up").serve() as github:
        yield Rehearsal(root=tmp_path, github=github, variables=dict(os.environ), run=3)


def run(rehearsal: Rehearsal, jobs: dict[str, object]) -> bool:
    file = rehearsal.root / "workflow.yml"
    file.write_text(yaml.safe_dump({"jobs": jobs}))
    return rehearsal.rehearse(file)


def test_the_runner_keeps_artifacts(rehearsal: Rehearsal) -> None:
    upload = {"uses": "actions/upload-artifact@x", "with": {"name": "plan-x", "path": "plans"}}
    assert run(rehearsal, {"a": {"steps": [{"run": "mkdir -p plans/x && echo 1 >plans/x/y"}, upload]}})
    [artifact] = rehearsal.github.artifacts
    assert (artifact["run"], artifact["name"]) == (3, "plan-x")


def test_a_command_stops_at_its_first_error_like_github(rehearsal: Rehearsal) -> None:
    assert not run(rehearsal, {"a": {"steps": [{"run": "false\ntouch reached"}, {"run": "touch reached"}]}})
    assert not (rehearsal.root / "reached").exists()
    assert rehearsal.failed == ["workflow.yml: a: false\ntouch reached: exit code 1"]


def test_an_apps_token_comes_from_the_stand_in(rehearsal: Rehearsal) -> None:
    token = {"uses": "actions/create-github-app-token@x", "id": "token", "with": {"private-key": "${{ secrets.KEY }}"}}
    step = {"run": 'echo "$TOKEN" >token', "env": {"TOKEN": "${{ steps.token.outputs.token }}"}}
    assert run(rehearsal, {"a": {"steps": [token, step]}})
    assert (rehearsal.root / "token").read_text() == "made-up\n"


@pytest.mark.parametrize("value", ["", "x"])
def test_a_failed_jobs_outputs_decide_about_the_next_job(rehearsal: Rehearsal, value: str) -> None:
    write = {"id": "it", "run": f'echo "it={value}" >>"$GITHUB_OUTPUT"\nfalse'}
    jobs = {
        "a": {"outputs": {"it": "${{ steps.it.outputs.it }}"}, "steps": [write]},
        "b": {
            "needs": "a",
            "if": "${{ !cancelled() && needs.a.outputs.it != '' }}",
            "steps": [{"run": "touch reached"}],
        },
        "c": {"needs": "a", "steps": [{"run": "touch reached-after-a-failure"}]},
    }
    assert not run(rehearsal, jobs)
    assert (rehearsal.root / "reached").exists() is bool(value)
    assert not (rehearsal.root / "reached-after-a-failure").exists()


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"steps": [{"run": "true", "if": "failure()"}]}, "the condition 'failure()' is not known"),
        ({"steps": [{"run": "echo ${{ github.actor }}"}]}, "the expression 'github.actor' is not known"),
        ({"steps": [{"run": "echo ${{ matrix.x }}"}]}, "the expression 'matrix.x' is not known"),
        ({"steps": [], "strategy": {"matrix": {"x": ["y"]}}}, "is not known to the rehearsal"),
        ({"steps": [], "needs": ["b"]}, "its jobs need each other or a missing job"),
    ],
)
def test_the_runner_refuses_unsupported_syntax(rehearsal: Rehearsal, job: dict[str, object], said: str) -> None:
    with pytest.raises(WorkflowError, match=re.escape(said)):
        run(rehearsal, {"a": job})

"""The rehearsal runs the steps of the workflow files in order, and understands every one of them."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from delivery.commands import rehearse as command
from delivery.commands.rehearse import COMMENTS, main, rehearse
from delivery.rehearsal.pull_requests import RehearsedPullRequest
from delivery.rehearsal.repository import WORKFLOWS
from environments.schema.catalogue import file_of
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import NOWHERE

# Records its calls, and gives the answers that later steps need: a proposal and its pull request.
PRINTING = """#!/bin/sh
echo "$(basename "$PWD") $3 $4 $5 token=${GITHUB_TOKEN:-none} key=${AWS_ACCESS_KEY_ID:-none}" >>"$LOG"
case "$3" in
    $FAILING) exit 1 ;;
    propose) mkdir -p proposal && echo '{}' >proposal/settings.json ;;
    find-proposal)
        echo pull_request=1 >>"$GITHUB_OUTPUT"
        exec "$PYTHON" -m delivery environments ;;
    decide-previews)
        echo 'matrix={"include": [{"environment": "preview-1", "task": "deploy", "region": "", "deploy_role": ""}]}' \\
            >>"$GITHUB_OUTPUT"
        echo pull_requests=1 >>"$GITHUB_OUTPUT" ;;
    environments) shift 2; exec "$PYTHON" -m delivery "$@" ;;
esac
"""
CHANGED = "changed"


def change(folder: Path, _environment: str) -> None:
    (folder / CHANGED).touch()


class Machine:
    """A checkout whose Python only records its calls, and one pull request to plan."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self._log, self._patch = root / "checkout", root / "log", monkeypatch
        python = self.root / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        (self.root / "node_modules").mkdir()
        for file in map(file_of, SETTINGS.lasting_names()):
            (self.root / file).parent.mkdir(exist_ok=True)
            (self.root / file).write_text("")
        python.write_text(PRINTING)
        python.chmod(0o755)
        self.fail("nothing")
        for name, value in (("LOG", self._log), ("PYTHON", sys.executable), ("PYTHONPATH", ROOT)):
            monkeypatch.setenv(name, str(value))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        rehearsed = RehearsedPullRequest(name="proposed", edit=change, passes=False)
        monkeypatch.setattr(command, "pull_requests", lambda _names: (rehearsed,))

    def fail(self, module: str) -> None:
        self._patch.setenv("FAILING", module)

    def rehearse(self, environment: str) -> list[str]:
        return list(rehearse(SETTINGS.find(environment), root=self.root))

    @property
    def commands(self) -> list[str]:
        lines = [re.sub(r"\s+", " ", line) for line in self._log.read_text().splitlines()]
        # Different in each rehearsal.
        return [re.sub(r"token=[0-9a-f]{64}", "token=rehearsal", line) for line in lines]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


PROPOSE = ["proposed propose token=none key=none"]
PLAN = [
    "trusted find-proposal token=rehearsal key=made-up",
    *(f"trusted save-plan {name} --no-lock token=none key=made-up" for name in SETTINGS.lasting_names()),
    "trusted post-comment 1 token=rehearsal key=made-up",
]
PREVIEWED = ("its first build", "its second build", "its end")
PREVIEW = [
    "trusted preview-settings token=none key=made-up",
    "trusted decide-previews token=rehearsal key=made-up",
    "trusted preview deploy preview-1 token=none key=made-up",
    "trusted preview-settings token=none key=made-up",
    "trusted report-previews 1 token=rehearsal key=made-up",
]
DEPLOY = [
    "trusted environments --branch main token=none key=made-up",
    *(
        f"trusted {words} key=made-up"
        for environment in SETTINGS.lasting()
        if environment.branch == "main"
        for words in (
            f"save-plan {environment.name} --restore token=none",
            f"deploy-reviewed {environment.name} token=rehearsal",
            f"record-deployment {environment.name} token=rehearsal",
        )
    ),
]


def test_a_pull_requests_code_proposes_ours_plans_and_the_merge_deploys(machine: Machine) -> None:
    """The proposed code never gets the account's credentials."""
    assert machine.rehearse("prod") == []
    assert (machine.root / COMMENTS).stat().st_mode & 0o077 == 0
    assert machine.commands == [*PROPOSE, *PLAN, *DEPLOY]


def test_an_unproposed_build_and_an_unrefused_promotion_are_reported(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For an environment that takes every build."""
    monkeypatch.setattr(command, "push_build", lambda _session, _environment: "staging-0123456")
    assert machine.rehearse("staging") == [
        "no pull request was opened for images/staging",
        "the promotion to prod was not refused before the soak time was over",
        "no pull request was opened for promote/prod",
        *(f"the preview after {what}: no comment was written" for what in PREVIEWED),
    ]
    words = [row.partition(" ")[2].partition(" token")[0] for row in machine.commands]
    assert [row for row in machine.commands if "preview" in row] == PREVIEW * len(PREVIEWED)
    assert [row for row in words if row.startswith(("update-images", "promote"))] == [
        "update-images staging",
        "promote staging prod",
        "promote staging prod",
    ]


@pytest.mark.parametrize(("module", "ran"), [("propose", PROPOSE), ("find-proposal", [*PROPOSE, PLAN[0]])])
def test_without_a_proposal_nothing_is_planned(machine: Machine, module: str, ran: list[str]) -> None:
    machine.fail(module)
    machine.rehearse("prod")
    assert machine.commands[: -len(DEPLOY)] == ran


def test_after_a_failed_plan_the_comment_is_written(machine: Machine) -> None:
    machine.fail("save-plan")
    assert machine.rehearse("prod") == ["the deploy of pull request 'proposed' failed"]
    assert PLAN[-1] in machine.commands


def test_a_stopped_deploy_is_not_verified(machine: Machine) -> None:
    machine.fail("deploy-reviewed")
    assert machine.rehearse("prod") == ["the deploy of pull request 'proposed' failed"]
    assert "deploy-reviewed prod" in machine.commands[-1]


def test_every_workflow_step_is_run_or_reported(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    """Except the tunnel, which a local database does not need."""
    assert machine.rehearse("prod") == []
    printed = capfd.readouterr().out
    steps = [
        step
        for file in ("propose.yml", "plan.yml", "deploy.yml")
        for job in yaml.safe_load((WORKFLOWS / file).read_text())["jobs"].values()
        for step in job["steps"]
        if "DATABASE_TUNNEL_INSTANCE" not in step.get("if", "")
    ]
    assert steps
    for step in steps:
        assert (f"-- {step['uses'].partition('@')[0]}" if "uses" in step else step["run"]) in printed


def test_a_pull_request_that_changed_meanwhile_is_reported(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its check is not set, so it cannot be merged."""
    rehearsed = RehearsedPullRequest(name="proposed", edit=change, passes=True)
    monkeypatch.setattr(command, "pull_requests", lambda _names: (rehearsed,))
    [line] = machine.rehearse("prod")
    assert re.fullmatch(r"pull request 'proposed' is stopped, \d+ s after its push", line)


def test_the_event_of_a_fork_names_its_repository(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    events = machine.root.parent / "events"
    script = machine.root / ".venv" / "bin" / "python"
    script.write_text(
        PRINTING.replace("case", f'[ "$3" = find-proposal ] && cp "$GITHUB_EVENT_PATH" {events}\ncase', 1)
    )
    rehearsed = RehearsedPullRequest(name="proposed", edit=change, passes=False, is_fork=True)
    monkeypatch.setattr(command, "pull_requests", lambda _names: (rehearsed,))
    machine.rehearse("prod")
    repository = json.loads(events.read_text())["workflow_run"]["head_repository"]["full_name"]
    assert repository != SHARED.repository


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["nowhere"], {}, "environment 'nowhere' is unknown"),
        (["staging"], {}, "MOSAIC_CLOUD is 'aws'; allowed: 'local', since a rehearsal deploys"),
        (["staging"], {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE}, "error: "),
    ],
)
def test_the_command_refuses_unsupported_rehearsals(
    arguments: list[str],
    variables: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("MOSAIC_CLOUD", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(arguments) == 2
    assert said in capsys.readouterr().err

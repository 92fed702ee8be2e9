"""The rehearsal runs what the workflow files say, in their order, and knows all that they say."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from delivery.commands.rehearse import WORKFLOWS, main, rehearse
from delivery.plan.artifact import PLANS
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS
from tests.delivery.command_line import NOWHERE

PRINTING = """#!/bin/sh
echo "$3 $4 $5 token=${GITHUB_TOKEN:-none}" >>"$LOG"
case "$3" in
    environments) shift 2; exec "$PYTHON" -m delivery "$@" ;;
    $FAILING) exit 1 ;;
esac
"""


class Machine:
    """A folder whose Python only notes what it is asked for, but for the matrix."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self._log, self._patch = root, root / "log", monkeypatch
        python = root / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(PRINTING)
        python.chmod(0o755)
        self.fail("nothing")
        for name, value in (("LOG", self._log), ("PYTHON", sys.executable), ("PYTHONPATH", ROOT)):
            monkeypatch.setenv(name, str(value))

    def fail(self, module: str) -> None:
        self._patch.setenv("FAILING", module)

    def rehearse(self, environment: str) -> bool:
        return rehearse(SETTINGS.find(environment), root=self.root)

    @property
    def commands(self) -> list[str]:
        lines = [re.sub(r"\s+", " ", line) for line in self._log.read_text().splitlines()]
        # Another one in each rehearsal.
        return [re.sub(r"token=[0-9a-f]{64}$", "token=rehearsal", line) for line in lines]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


PLAN = [
    "environments token=none",
    *(
        f"{command} token=none"
        for name in SETTINGS.names()
        for command in (f"save-plan {name} --no-lock", f"guard {name} --pull-request-event")
    ),
    "post-comment token=rehearsal",
]


def test_a_rehearsal_runs_the_commands_of_a_pull_request_and_of_its_merge(machine: Machine) -> None:
    assert machine.rehearse("staging")
    assert (machine.root / PLANS).stat().st_mode & 0o077 == 0
    assert machine.commands == [
        *PLAN,
        "environments --branch develop token=none",
        *(
            command
            for environment in SETTINGS.load()
            if environment.branch == "develop"
            for command in (
                f"save-plan {environment.name} --restore token=none",
                f"deploy-reviewed {environment.name} token=rehearsal",
                f"verify {environment.name} token=none",
            )
        ),
    ]


@pytest.mark.parametrize(
    ("module", "left_out"),
    [
        ("guard", []),
        ("save-plan", ["guard"]),
        ("post-comment", []),
    ],
)
def test_after_a_failure_the_comment_is_written_and_nothing_deployed(
    machine: Machine, module: str, left_out: list[str]
) -> None:
    machine.fail(module)
    assert not machine.rehearse("staging")
    expected = [row for row in PLAN if not any(name in row for name in left_out)]
    assert machine.commands == expected


def test_without_a_matrix_nothing_runs(machine: Machine) -> None:
    machine.fail("environments")
    script = machine.root / ".venv" / "bin" / "python"
    script.write_text(PRINTING.replace("environments)", "none)"))
    assert not machine.rehearse("staging")
    assert machine.commands == ["environments token=none"]


def test_a_stopped_deploy_is_not_verified(machine: Machine) -> None:
    machine.fail("deploy-reviewed")
    assert not machine.rehearse("prod")
    assert machine.commands[-1] == "deploy-reviewed prod token=rehearsal"


def test_every_step_of_the_workflows_is_run_or_named(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    """But for the tunnel, which a local database does not need."""
    assert machine.rehearse("staging")
    printed = capfd.readouterr().out
    steps = [
        step
        for file in ("plan.yml", "deploy.yml")
        for job in yaml.safe_load((WORKFLOWS / file).read_text())["jobs"].values()
        for step in job["steps"]
        if "DATABASE_TUNNEL_INSTANCE" not in step.get("if", "")
    ]
    assert steps
    for step in steps:
        assert (f"-- {step['uses'].partition('@')[0]}" if "uses" in step else step["run"]) in printed


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["nowhere"], {}, "environment 'nowhere' is unknown"),
        (["staging"], {}, "MOSAIC_CLOUD is 'aws'; allowed: 'local', since a rehearsal deploys"),
        (
            ["staging", "--pull-request-text", "missing.md"],
            {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE},
            "missing.md",
        ),
    ],
)
def test_the_command_refuses_what_it_cannot_rehearse(
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

"""The workflow files: what runs with which permissions, and that their logic is in tested Python."""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from delivery.command_line import NAMES
from delivery.preview.github_event import SweepEvent, read_event
from delivery.preview.lease import DURATION
from delivery.promotion.image_pull_request import CHECKS
from modules.model.iam_policies import SESSION_SECONDS
from modules.model.names import PREVIEWS_ENVIRONMENT
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS

FOLDER = ROOT / ".github"
FILES = sorted(FOLDER.glob("workflows/*.yml"))
ACTION = FOLDER / "actions" / "prepare" / "action.yml"
# Each job's permissions besides reading the code. Anything added here also helps an attacker.
PERMISSIONS = {
    "plan.yml proposal": {"actions: read", "pull-requests: read", "statuses: write"},
    "plan.yml plan": {"actions: read", "id-token: write"},
    "plan.yml comment": {"actions: read", "deployments: read", "pull-requests: write", "statuses: write"},
    "deploy.yml deploy": {"actions: read", "deployments: write", "id-token: write", "pull-requests: write"},
    "drift.yml drift": {"deployments: write", "id-token: write", "issues: write"},
    "preview.yml decide": {"id-token: write"},
    "preview.yml work": {"id-token: write"},
    "preview.yml report": {"id-token: write"},
    "images.yml images": {"actions: write", "contents: write", "id-token: write", "pull-requests: write"},
    "promote.yml promote": {
        *("actions: write", "contents: write", "deployments: read", "id-token: write", "pull-requests: write"),
    },
}
# Inputs of aws-actions/configure-aws-credentials.
DEFAULT_SESSION_SECONDS = 3600
# This project's commands make all other decisions.
COMMAND = re.compile(
    rf"make [a-z-]+|\.venv/bin/python -m delivery (?P<name>{'|'.join(NAMES)})( (\"\$[A-Z_]+\"|--[a-z-]+))*"
)


def read(name: str) -> dict[str, Any]:
    content: dict[Any, Any] = yaml.safe_load((FOLDER / "workflows" / name).read_text())
    # YAML 1.1 reads the key `on` as true.
    return {"on" if key is True else key: value for key, value in content.items()}


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in FILES:
        for name, job in read(file.name)["jobs"].items():
            yield f"{file.name} {name}", job


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for place, job in jobs():
        for step in job["steps"]:
            yield place, step
    for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"]:
        yield "prepare", step


JOBS, STEPS = list(jobs()), list(steps())


def command_of(step: dict[str, Any]) -> str | None:
    """Return the delivery command that a step runs, or None if it runs something else."""
    match = COMMAND.fullmatch(step.get("run", ""))
    return match and match["name"]


def test_every_workflow_is_listed_here() -> None:
    names = ["ci", "deploy", "drift", "images", "plan", "preview", "promote", "propose"]
    assert [file.name for file in FILES] == [f"{name}.yml" for name in names]


def test_actions_are_pinned_by_commit_with_their_version() -> None:
    pinned: dict[str, set[str]] = {}
    for file in (*FILES, ACTION):
        for line in file.read_text().splitlines():
            if match := re.match(r"\s*(?:- )?uses: (.*)", line):
                if match[1] == "./.github/actions/prepare":
                    continue
                pin = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+", match[1])
                assert pin, f"{file.name}: {match[1]}"
                pinned.setdefault("/".join(pin[1].split("/")[:2]), set()).add(match[1].partition("@")[2])
    assert [action for action, pins in pinned.items() if len(pins) > 1] == [], "one action, one version"
    used = {"/".join(step["uses"].partition("@")[0].split("/")[:2]) for _, step in STEPS if "uses" in step}
    assert pinned.keys() == used - {"./.github"}, "an action is used in a form that was not looked at"


def test_permissions_are_set_per_job_only() -> None:
    assert {file.name: read(file.name)["permissions"] for file in FILES} == {file.name: {} for file in FILES}
    assert PERMISSIONS.keys() <= {place for place, _ in JOBS}, "a job that there is not is given permissions here"


@pytest.mark.parametrize(("place", "job"), JOBS, ids=[place for place, _ in JOBS])
def test_each_job_has_exactly_the_permissions_it_needs(place: str, job: dict[str, Any]) -> None:
    permissions = {f"{name}: {access}" for name, access in job["permissions"].items()}
    listed = PERMISSIONS.get(place, set())
    assert permissions == listed | ({"contents: read"} if "contents: write" not in listed else set())


@pytest.mark.parametrize(("place", "job"), JOBS, ids=[place for place, _ in JOBS])
def test_a_job_has_a_time_limit(place: str, job: dict[str, Any]) -> None:
    assert 0 < job["timeout-minutes"] <= 90


@pytest.mark.parametrize(("place", "step"), STEPS, ids=[place for place, _ in STEPS])
def test_a_step_uses_an_action_or_runs_one_command_of_the_project(place: str, step: dict[str, Any]) -> None:
    assert "uses" in step or COMMAND.fullmatch(step["run"]), step


def test_no_credential_stays_in_a_checkout() -> None:
    checkouts = [step["with"] for _, step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(JOBS)
    assert {options["persist-credentials"] for options in checkouts} == {False}


def test_strangers_cannot_start_a_workflow_with_permissions() -> None:
    """Of the workflows that anybody's pull request starts, only plan.yml has permissions; it runs none of its code."""
    triggers = {file.name: set(read(file.name)["on"]) for file in FILES}
    assert triggers == {
        "ci.yml": {"pull_request", "push", "workflow_dispatch"},
        "propose.yml": {"pull_request", "workflow_dispatch"},
        "plan.yml": {"workflow_run"},
        "deploy.yml": {"push"},
        "drift.yml": {"schedule", "workflow_dispatch"},
        "images.yml": {"repository_dispatch", "schedule", "workflow_dispatch"},
        "preview.yml": {"repository_dispatch", "schedule", "workflow_dispatch"},
        "promote.yml": {"workflow_dispatch"},
    }


def test_a_pull_request_opened_by_a_workflow_gets_the_usual_checks() -> None:
    """GitHub does not start them, so the workflow that opens the pull request starts them by name."""
    triggers = {file.name: set(read(file.name)["on"]) for file in FILES}
    assert {name for name, events in triggers.items() if "pull_request" in events} == set(CHECKS)
    assert all("workflow_dispatch" in triggers[name] for name in CHECKS)
    expression = read("plan.yml")["jobs"]["proposal"]["if"]
    assert (
        """contains(fromJSON('["pull_request", "workflow_dispatch"]'), github.event.workflow_run.event)""" in expression
    )


def test_a_promotion_starts_only_on_the_default_branch() -> None:
    jobs = read("promote.yml")["jobs"]
    assert jobs["environments"]["if"] == "github.ref_name == github.event.repository.default_branch"
    assert jobs["promote"]["needs"] == "environments"
    assert "if" not in jobs["promote"]


@pytest.mark.parametrize("name", ["images.yml", "preview.yml", "promote.yml"])
def test_workflows_started_by_strangers_use_no_text_from_the_event(name: str) -> None:
    """No text of an event or an input reaches a shell.

    A promotion's two names reach a command as variables; a preview's event is read from GitHub's file.
    """
    text = (FOLDER / "workflows" / name).read_text()
    assert "client_payload" not in text
    assert not re.search(r"run:.*\$\{\{", text)


@pytest.mark.parametrize("name", ["ci.yml", "propose.yml"])
def test_a_pull_requests_code_gets_no_credentials(name: str) -> None:
    text = (FOLDER / "workflows" / name).read_text()
    assert not re.search(r"secrets\.|github\.token|id-token|configure-aws|: write", text)


def test_the_plan_workflow_checks_out_only_the_default_and_the_base_branch() -> None:
    """Checking out the pull request's head or merge commit would run its code with the plan role."""
    refs = {
        name: [step["with"].get("ref") for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        for name, job in read("plan.yml")["jobs"].items()
    }
    base = "${{ needs.proposal.outputs.base }}"
    assert refs == {"proposal": [None], "plan": [base], "comment": [base]}


def test_the_plan_workflow_takes_only_the_proposal_from_the_pull_request() -> None:
    plan = (FOLDER / "workflows" / "plan.yml").read_text()
    used = set(re.findall(r"github\.event\.[\w.]+", plan))
    event = "github.event.workflow_run"
    names = {f"{event}.{name}" for name in ("event", "conclusion", "id", "head_repository.full_name", "head_branch")}
    assert used == names
    downloads = [step["with"] for _, step in STEPS if step.get("uses", "").startswith("actions/download-artifact@")]
    foreign = [options for options in downloads if "run-id" in options]
    assert len(foreign) == 3
    assert {(options["name"], options["path"]) for options in foreign} == {("proposal", "proposal")}


def test_plans_and_deploys_never_share_a_runner() -> None:
    runners = {place: job["runs-on"] for place, job in JOBS if "id-token" in job["permissions"]}
    assert runners == {
        "plan.yml plan": "${{ vars.PLAN_RUNNER || 'ubuntu-24.04' }}",
        "drift.yml drift": "${{ vars.PLAN_RUNNER || 'ubuntu-24.04' }}",
        "images.yml images": "${{ vars.PLAN_RUNNER || 'ubuntu-24.04' }}",
        "promote.yml promote": "${{ vars.PLAN_RUNNER || 'ubuntu-24.04' }}",
        "deploy.yml deploy": "${{ vars.DEPLOY_RUNNER || 'ubuntu-24.04' }}",
        "preview.yml work": "${{ vars.DEPLOY_RUNNER || 'ubuntu-24.04' }}",
        # These neither deploy nor plan.
        "preview.yml decide": "ubuntu-24.04",
        "preview.yml report": "ubuntu-24.04",
    }


def test_the_only_github_secret_is_the_preview_apps_key() -> None:
    """It belongs to the GitHub environment, which branches cannot use; only the step that makes a token gets it."""
    holders = [(place, step) for place, step in STEPS if "secrets." in str(step)]
    assert {place for place, _ in holders} == {"preview.yml decide", "preview.yml report"}
    for place, step in holders:
        assert step["uses"].startswith("actions/create-github-app-token@")
        assert dict(JOBS)[place]["environment"] == PREVIEWS_ENVIRONMENT
        values = {name: value for name, value in step["with"].items() if "secrets." in value}
        assert values == {"private-key": "${{ secrets.PREVIEW_APP_KEY }}"}
    texts = [file.read_text() for file in (*FILES, ACTION)]
    assert sum(text.count("secrets.") for text in texts) == len(holders), "one is in another place"


def test_the_apps_token_has_minimal_permissions_on_the_applications_repository() -> None:
    options = {
        place: step["with"]
        for place, step in STEPS
        if step.get("uses", "").startswith("actions/create-github-app-token@")
    }
    for values in options.values():
        assert values["owner"] == "${{ steps.settings.outputs.owner }}"
        assert values["repositories"] == "${{ steps.settings.outputs.repository }}"
    permissions = {
        place: {f"{name}: {access}" for name, access in values.items() if name.startswith("permission-")}
        for place, values in options.items()
    }
    written = {"permission-deployments: write", "permission-pull-requests: write"}
    assert permissions == {
        "preview.yml decide": {*written, "permission-metadata: read"},
        "preview.yml report": written,
    }


def test_only_steps_that_call_github_get_the_token() -> None:
    holders = {command_of(step) for _, step in STEPS if "GITHUB_TOKEN" in step.get("env", {})}
    assert holders == {
        *("find-proposal", "post-comment", "deploy-reviewed", "record-deployment", "drift"),
        *("promote", "update-images", "decide-previews", "report-previews"),
    }
    assert not [place for place, job in JOBS if "GITHUB_TOKEN" in job.get("env", {})]


def test_the_workflows_branches_match_the_catalogue() -> None:
    branches = {environment.branch for environment in SETTINGS.lasting()}
    for name, trigger in (("deploy.yml", "push"), ("propose.yml", "pull_request"), ("ci.yml", "push")):
        assert set(read(name)["on"][trigger]["branches"]) == branches, name


def test_workflows_do_not_name_environments() -> None:
    """Environments come from the catalogue, so a third environment only needs a third file."""
    names = "|".join(SETTINGS.names())
    for file in FILES:
        code = re.sub(r"#.*", "", file.read_text())
        assert not re.search(rf"\b({names})\b", code), file.name


def test_deploys_of_an_environment_run_one_at_a_time_and_are_never_cancelled() -> None:
    deploy = read("deploy.yml")["jobs"]["deploy"]
    assert deploy["concurrency"] == {"group": "deploy-${{ matrix.environment }}", "cancel-in-progress": False}
    assert deploy["environment"] == "${{ matrix.environment }}"
    assert "concurrency" not in read("deploy.yml"), "it would hold for all environments"
    assert [command_of(step) for step in deploy["steps"] if "if" not in step and "run" in step] == [
        "save-plan",
        "deploy-reviewed",
        "record-deployment",
    ]


def test_jobs_for_a_slot_run_one_at_a_time_and_are_never_cancelled() -> None:
    work = read("preview.yml")["jobs"]["work"]
    assert work["concurrency"] == {"group": "preview-${{ matrix.environment }}", "cancel-in-progress": False}
    assert work["environment"] == "${{ matrix.environment }}"
    assert "concurrency" not in read("preview.yml"), "it would hold for all slots"
    assert timedelta(minutes=work["timeout-minutes"]) < DURATION, "its lease of the slot would end before the job"
    assert [step["run"] for step in work["steps"] if "if" not in step and "run" in step] == [
        '.venv/bin/python -m delivery preview "$TASK" "$SLOT"'
    ]


def test_the_default_branchs_code_decides_and_deploys_previews() -> None:
    """Events and schedules always run there; only a person could choose a branch."""
    preview = read("preview.yml")
    assert preview["jobs"]["decide"]["if"] == (
        "vars.PREVIEW_APP_CLIENT_ID != '' && "
        "(github.event_name != 'workflow_dispatch' || github.ref_name == github.event.repository.default_branch)"
    )
    needs = {name: job.get("needs") for name, job in preview["jobs"].items()}
    assert needs == {"decide": None, "work": "decide", "report": ["decide", "work"]}
    checkouts = [step for job in preview["jobs"].values() for step in job["steps"] if "checkout@" in str(step)]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * 3


def test_an_unclear_slot_does_not_block_other_slots() -> None:
    jobs = read("preview.yml")["jobs"]
    assert {jobs[name]["if"] for name in ("work", "report")} == {
        "${{ !cancelled() && needs.decide.outputs.matrix != '' }}"
    }


def test_slots_with_work_are_checked_hourly_and_all_slots_daily(tmp_path: Path) -> None:
    path, every = tmp_path / "event.json", {}
    for row in read("preview.yml")["on"]["schedule"]:
        path.write_text(json.dumps({"schedule": row["cron"]}))
        event = read_event({"GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": str(path)})
        assert isinstance(event, SweepEvent)
        every[event.every] = row["cron"].split()
    assert every[False][1:] == ["*"] * 4
    assert every[True][1].isdecimal()
    assert every[True][2:] == ["*"] * 3


def test_an_aws_session_lasts_as_long_as_its_job() -> None:
    """Terraform requests cluster tokens until its job ends, with the credentials that the job started with."""
    sessions = [(place, job, step["with"]) for place, job, step in _credentials()]
    assert len(sessions) >= 3
    for place, job, options in sessions:
        seconds = options.get("role-duration-seconds", DEFAULT_SESSION_SECONDS)
        assert job["timeout-minutes"] * 60 <= seconds <= SESSION_SECONDS, place


def _credentials() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for place, job in JOBS:
        for step in job["steps"]:
            if step.get("uses", "").startswith("aws-actions/configure-aws-credentials@"):
                yield place, job, step


def test_the_workflows_install_the_projects_required_versions() -> None:
    needed = dict(re.findall(r"^check ([A-Z][\w.]*) (\d[\d.]*)", (ROOT / "tools" / "check-tools").read_text(), re.M))
    given = {
        re.sub(r".*/setup-(\w+)@.*", r"\1", step["uses"]): step["with"]
        for _, step in STEPS
        if "/setup-" in step.get("uses", "")
    }
    assert given["python"]["python-version"] == needed["Python"]
    assert given["node"]["node-version"] == needed["Node.js"]
    assert given["terraform"]["terraform_version"].startswith(f"{needed['Terraform']}.")
    engines = (ROOT / given["go"]["go-version-file"]).read_text()
    assert f"\ngo {needed['Go']}." in engines


@pytest.mark.parametrize(
    "command",
    [
        ["go", "-C", "tools", "tool", "actionlint", "-shellcheck=", "-pyflakes=", *map(str, FILES)],
        [".venv/bin/zizmor", "--offline", "--no-progress", ".github"],
    ],
    ids=["actionlint", "zizmor"],
)
def test_the_workflow_linters_find_nothing(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

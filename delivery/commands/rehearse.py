"""Rehearse a pull request and its merge on the local cloud, without GitHub.

The commands are those of ``.github/workflows``: plan.yml plans every environment and comments on a pull request for
ENVIRONMENT's branch; deploy.yml deploys the merge to ENVIRONMENT, if its plan is the reviewed one, and verifies it.
GitHub's API is played by ``delivery.rehearsal.github_stand_in``. The comments are written to plans/. Exit code 0: every
step succeeded; 1: one failed, as it would have on GitHub; 2: it cannot be rehearsed.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from delivery.account.session import AccountError, caller, open_session
from delivery.plan.artifact import PLANS
from delivery.rehearsal.github_stand_in import GitHubStandIn, person
from delivery.rehearsal.workflow_runner import Rehearsal, WorkflowError
from delivery.report.private_file import write_private
from delivery.report.text_file import TextFileError, read_text
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from modules.model.cloud_selection import CloudError, local_endpoint
from modules.model.names import InvalidNameError
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED

WORKFLOWS = ROOT / ".github" / "workflows"
_NUMBER = 1
_PLAN_RUN, _DEPLOY_RUN = 1, 2


def rehearse(environment: Environment, *, text: str = "", root: Path = ROOT) -> bool:
    """Plan a pull request with this text, merge and deploy it; return whether every step succeeded.

    Raises WorkflowError.
    """
    commit = _commit()
    pull_request = {
        "number": _NUMBER,
        "body": text,
        "user": person("rehearsal"),
        "state": "open",
        "head": {"sha": commit, "ref": "rehearsal", "repo": {"full_name": SHARED.repository}},
        "base": {"sha": commit, "ref": environment.branch},
        "merged_at": None,
        "merge_commit_sha": None,
    }
    shutil.rmtree(root / PLANS, ignore_errors=True)
    (root / PLANS).mkdir(mode=0o700)
    standin = GitHubStandIn(repository=SHARED.repository, token=secrets.token_hex(), pull_requests=[pull_request])
    with standin.serve() as github, tempfile.TemporaryDirectory() as folder:
        github.branches[environment.branch] = commit
        github.add_run(
            _PLAN_RUN,
            ".github/workflows/plan.yml",
            event="workflow_run",
            branch=SHARED.default_branch,
            commit=commit,
        )
        event = Path(folder) / "event.json"
        write_private(event, json.dumps({"number": _NUMBER, "pull_request": pull_request}))
        variables = {
            **os.environ,
            **github.variables(),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_SHA": commit,
        }
        # Only those steps that ask for the token get it.
        del variables["GITHUB_TOKEN"]
        plan = {**variables, "GITHUB_RUN_ID": str(_PLAN_RUN)}
        succeeded = Rehearsal(root=root, github=github, variables=plan, run=_PLAN_RUN).rehearse(WORKFLOWS / "plan.yml")
        _keep_comments(github, root)
        if not succeeded:
            return False
        pull_request |= {"merged_at": "2026-11-24T12:00:00Z", "merge_commit_sha": commit, "state": "closed"}
        deploy = {**variables, "GITHUB_RUN_ID": str(_DEPLOY_RUN), "GITHUB_REF_NAME": environment.branch}
        rehearsal = Rehearsal(root=root, github=github, variables=deploy, run=_DEPLOY_RUN)
        succeeded = rehearsal.rehearse(WORKFLOWS / "deploy.yml")
        _keep_comments(github, root)
        return succeeded


def _keep_comments(github: GitHubStandIn, root: Path) -> None:
    """Write the pull request's comments where they can be looked at: the plan's is the first."""
    for index, comment in enumerate(github.comments.get(_NUMBER, [])):
        name = "comment.md" if index == 0 else f"comment-{index + 1}.md"
        write_private(root / PLANS / name, comment["body"])


def _check_cloud() -> None:
    if local_endpoint() is None:
        raise CloudError("MOSAIC_CLOUD is 'aws'; allowed: 'local', since a rehearsal deploys: make rehearse")
    caller(open_session(SHARED), SHARED, local=True)


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WorkflowError(f"{ROOT} has no commit to rehearse: {done.stderr.strip()}; allowed: a git checkout")
    return done.stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, rehearse."""
    parser = argparse.ArgumentParser(prog="python -m delivery rehearse", description=__doc__)
    parser.add_argument("environment", nargs="?", default="staging")
    parser.add_argument("--pull-request-text", type=Path, help="file with the pull request's description")
    options = parser.parse_args(arguments)
    try:
        environment = SETTINGS.find(options.environment)
        given = options.pull_request_text
        text = read_text(given, "the pull request's text") if given else ""
        _check_cloud()
        succeeded = rehearse(environment, text=text)
    except (SettingsError, InvalidNameError, CloudError, AccountError, TextFileError, WorkflowError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"\nrehearsed: {'every step succeeded' if succeeded else 'a step failed'}; the comment: {PLANS}/comment.md")
    return 0 if succeeded else 1

"""Rehearse pull requests, and the merge of one, on the local cloud and without GitHub.

The commands are those of ``.github/workflows``. Four pull requests for ENVIRONMENT's branch are proposed, planned and
commented on: one that changes a setting, one that changes a construct, one from a fork, and one that attacks. Then the
first is merged: deploy.yml deploys it to ENVIRONMENT, if its plan is the reviewed one, and verifies it. GitHub's API is
played by ``delivery.rehearsal.github_stand_in``. The comments are written to rehearsal/. Exit code 0: each pull request
became what it should; 1: one did not, or the deploy failed; 2: it cannot be rehearsed.
"""

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery.account.session import AccountError, caller, open_session
from delivery.rehearsal.github_stand_in import GitHubStandIn, person
from delivery.rehearsal.pull_requests import RehearsalError, RehearsedPullRequest, pull_requests
from delivery.rehearsal.workflow_runner import Rehearsal, WorkflowError
from delivery.report.private_file import write_private
from delivery.review.proposed_pull_request import CHECK
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from modules.model.cloud_selection import CloudError, local_endpoint
from modules.model.names import InvalidNameError
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED

COMMENTS = Path("rehearsal")
WORKFLOWS = ROOT / ".github" / "workflows"
# What a proposal is made without.
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "KUBECONFIG")
_FORK = "stranger/platform"


@dataclass(kw_only=True)
class Repository:
    """The repository on GitHub's stand-in, its trusted checkout, and the checkouts of pull requests.

    root: the trusted checkout. folder: for the others. environment: whose branch all are for.
    """

    root: Path
    folder: Path
    github: GitHubStandIn
    environment: Environment
    _runs: int = 0
    _rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def review(self, rehearsed: RehearsedPullRequest) -> bool:
        """Propose, plan and comment; return whether the pull request may be merged. Raises WorkflowError."""
        row = self._open(rehearsed)
        checkout = rehearsed.checkout(self.folder / rehearsed.name, self.environment.name, self.root)
        proposed, proposal = self._run("propose.yml", checkout, commit=row["head"]["sha"], without=_CREDENTIALS)
        if proposed:
            event = {
                "id": proposal,
                "head_sha": row["head"]["sha"],
                "head_branch": row["head"]["ref"],
                "head_repository": row["head"]["repo"],
            }
            self._run("plan.yml", self.root, commit=self._base, event={"workflow_run": event}, finished_run=proposal)
        self._keep_comment(rehearsed.name, row["number"])
        states = self.github.statuses.get(row["head"]["sha"], [])
        return any(status["context"] == CHECK and status["state"] == "success" for status in states[-1:])

    def merge(self, rehearsed: RehearsedPullRequest) -> bool:
        """Merge a reviewed pull request and deploy it; return whether every step succeeded. Raises WorkflowError."""
        row, commit = self._rows[rehearsed.name], secrets.token_hex(20)
        row |= {"merged_at": "2026-11-24T12:00:00Z", "merge_commit_sha": commit, "state": "closed"}
        self.github.branches[self.environment.branch] = commit
        succeeded, _ = self._run("deploy.yml", self.folder / rehearsed.name, commit=commit)
        self._keep_comment(f"{rehearsed.name}-deployed", row["number"], last=True)
        return succeeded

    @property
    def _base(self) -> str:
        return self.github.branches[self.environment.branch]

    def _open(self, rehearsed: RehearsedPullRequest) -> dict[str, Any]:
        name = _FORK if rehearsed.is_fork else SHARED.repository
        row = {
            "number": len(self._rows) + 1,
            "body": rehearsed.text,
            "user": person("rehearsal"),
            "state": "open",
            "head": {
                "sha": secrets.token_hex(20),
                "ref": rehearsed.name,
                "repo": {"full_name": name, "owner": {"login": name.partition("/")[0]}},
            },
            "base": {"sha": self._base, "ref": self.environment.branch},
            "merged_at": None,
            "merge_commit_sha": None,
        }
        self._rows[rehearsed.name] = row
        self.github.pull_requests.append(row)
        return row

    def _run(
        self,
        workflow: str,
        root: Path,
        *,
        commit: str,
        event: Mapping[str, object] | None = None,
        finished_run: int | None = None,
        without: Sequence[str] = (),
    ) -> tuple[bool, int]:
        self._runs += 1
        self.github.add_run(
            self._runs,
            f".github/workflows/{workflow}",
            event="workflow_run" if event else "push",
            branch=SHARED.default_branch,
            commit=commit,
        )
        path = self.folder / f"event-{self._runs}.json"
        write_private(path, json.dumps(event or {}))
        variables = {
            **os.environ,
            **self.github.variables(),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_SHA": commit,
            "GITHUB_REF_NAME": self.environment.branch,
            "GITHUB_RUN_ID": str(self._runs),
        }
        # Only those steps that ask for the token get it.
        for name in ("GITHUB_TOKEN", *without):
            variables.pop(name, None)
        rehearsal = Rehearsal(
            root=root, github=self.github, variables=variables, run=self._runs, finished_run=finished_run
        )
        return rehearsal.rehearse(WORKFLOWS / workflow), self._runs

    def _keep_comment(self, name: str, number: int, *, last: bool = False) -> None:
        """Write a pull request's comment where it can be looked at: the first is the plan's."""
        for comment in self.github.comments.get(number, [])[-1 if last else 0 :][:1]:
            write_private(self.root / COMMENTS / f"{name}.md", comment["body"])


def rehearse(environment: Environment, *, root: Path = ROOT) -> Iterator[str]:
    """Rehearse each pull request, and the merge of the first; yield a line for each that became something else.

    Raises WorkflowError or RehearsalError.
    """
    (root / COMMENTS).mkdir(mode=0o700, exist_ok=True)
    rehearsed = pull_requests(SETTINGS.names())
    branches = {row.branch: secrets.token_hex(20) for row in SETTINGS.load()}
    standin = GitHubStandIn(repository=SHARED.repository, token=secrets.token_hex(), branches=branches)
    with standin.serve() as github, tempfile.TemporaryDirectory() as folder:
        repository = Repository(root=root, folder=Path(folder), github=github, environment=environment)
        for row in rehearsed:
            began = time.monotonic()
            passed = repository.review(row)
            became = "may be merged" if passed else "is stopped"
            line = f"pull request {row.name!r} {became}, {time.monotonic() - began:.0f} s after its push"
            print(f"\n{line}", flush=True)
            if passed is not row.passes:
                yield line
        if not repository.merge(rehearsed[0]):
            yield f"the deploy of pull request {rehearsed[0].name!r} failed"


def _check_cloud() -> None:
    if local_endpoint() is None:
        raise CloudError("MOSAIC_CLOUD is 'aws'; allowed: 'local', since a rehearsal deploys: make rehearse")
    caller(open_session(SHARED), SHARED, local=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, rehearse."""
    parser = argparse.ArgumentParser(prog="python -m delivery rehearse", description=__doc__)
    parser.add_argument("environment", nargs="?", default="staging")
    options = parser.parse_args(arguments)
    try:
        environment = SETTINGS.find(options.environment)
        _check_cloud()
        failed = list(rehearse(environment))
    except (SettingsError, InvalidNameError, CloudError, AccountError, RehearsalError, WorkflowError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in failed:
        print(f"FAIL {line}", file=sys.stderr)
    fate = "something became what it should not" if failed else "everything became what it should"
    print(f"\nrehearsed: {fate}; the comments: {COMMENTS}/*.md")
    return 1 if failed else 0

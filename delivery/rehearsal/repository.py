"""The repository in a rehearsal: its branches on GitHub's stand-in, its checkouts, and its workflow runs."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.github.plan_check import CHECK
from delivery.rehearsal.github_stand_in import GitHubStandIn, person
from delivery.rehearsal.pull_requests import RehearsedPullRequest, copy_checkout
from delivery.rehearsal.workflow_runner import Rehearsal
from delivery.report.private_file import write_private
from environments.schema.catalogue import file_of
from environments.schema.settings import Environment, Shared
from modules.model.project import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
# A proposal is made without these.
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "KUBECONFIG")
_FORK = "stranger/platform"


@dataclass(kw_only=True)
class Repository:
    """The repository, with one checkout for all of its branches: in a rehearsal they have the same content.

    trusted: that checkout; merges change it. folder: for the checkouts of pull requests. comments: the folder for the
    comments on them. environments: those whose files the branches have.
    """

    trusted: Path
    folder: Path
    comments: Path
    github: GitHubStandIn
    shared: Shared
    environments: Sequence[Environment]
    _runs: int = 0

    def __post_init__(self) -> None:
        files = {file_of(row.name): self._text(file_of(row.name)) for row in self.environments}
        for branch in sorted({row.deployed_branch(self.shared) for row in self.environments}):
            self.github.git.commit(branch, files)

    def open(self, rehearsed: RehearsedPullRequest, environment: Environment) -> dict[str, Any]:
        """Open a person's pull request into an environment's branch, and return its row."""
        repository = _FORK if rehearsed.is_fork else self.shared.repository
        rehearsed.edit(copy_checkout(self.trusted, self.folder / rehearsed.name), environment.name)
        self.github.branches[rehearsed.name] = secrets.token_hex(20)
        row = self.github.open_pull_request(
            rehearsed.name, environment.deployed_branch(self.shared), title=rehearsed.name, body=rehearsed.text
        )
        row["user"] = person("rehearsal")
        row["head"]["repo"] = {"full_name": repository, "owner": {"login": repository.partition("/")[0]}}
        return row

    def opened(self, branch: str) -> dict[str, Any] | None:
        """The open pull request of a workflow's branch, with a checkout of it; None if there is none."""
        rows = [row for row in self.github.pull_requests if row["head"]["ref"] == branch and row["state"] == "open"]
        if not rows:
            return None
        checkout = copy_checkout(self.trusted, self.folder / branch.replace("/", "-"))
        for path, text in self.github.git.files(branch).items():
            (checkout / path).write_text(text, encoding="utf-8")
        [row] = rows
        row["head"]["sha"] = self.github.branches[branch]
        row["head"]["repo"]["owner"] = {"login": self.shared.repository.partition("/")[0]}
        return row

    def review(self, row: Mapping[str, Any]) -> bool:
        """Propose, plan and comment; return whether the pull request may be merged. Raises WorkflowError."""
        head = row["head"]
        proposed, proposal = self.run("propose.yml", self._checkout(row), commit=head["sha"], without=_CREDENTIALS)
        if proposed:
            event = {
                "id": proposal,
                "head_sha": head["sha"],
                "head_branch": head["ref"],
                "head_repository": head["repo"],
            }
            self.run("plan.yml", commit=row["base"]["sha"], event={"workflow_run": event}, finished_run=proposal)
        self._keep_comment(row, first=True)
        states = self.github.statuses.get(head["sha"], [])
        return any(status["context"] == CHECK and status["state"] == "success" for status in states[-1:])

    def merge(self, row: dict[str, Any]) -> bool:
        """Merge a reviewed pull request and deploy it; return whether every step succeeded. Raises WorkflowError."""
        base = row["base"]["ref"]
        files = {file_of(each.name): self._text(file_of(each.name), self._checkout(row)) for each in self.environments}
        for path, text in files.items():
            (self.trusted / path).write_text(text, encoding="utf-8")
        for branch in sorted({each.deployed_branch(self.shared) for each in self.environments}):
            self.github.git.commit(branch, files)
        commit = self.github.branches[base]
        row |= {"merged_at": "2026-11-24T12:00:00Z", "merge_commit_sha": commit, "state": "closed"}
        succeeded, _ = self.run("deploy.yml", commit=commit, variables={"GITHUB_REF_NAME": base})
        self._keep_comment(row, first=False)
        return succeeded

    def run(
        self,
        workflow: str,
        root: Path | None = None,
        *,
        commit: str,
        event: Mapping[str, object] | None = None,
        finished_run: int | None = None,
        inputs: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
    ) -> tuple[bool, int]:
        """Run a workflow; return whether every step succeeded, and the run's id. root: the trusted checkout by default.

        variables: GitHub's, in addition to those of every run. without: variables to leave out. Raises WorkflowError.
        """
        self._runs += 1
        self.github.add_run(
            self._runs,
            f".github/workflows/{workflow}",
            event="workflow_run" if event else "push",
            branch=self.shared.default_branch,
            commit=commit,
        )
        path = self.folder / f"event-{self._runs}.json"
        write_private(path, json.dumps(event or {}))
        known = {
            **os.environ,
            **self.github.variables(),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_SHA": commit,
            "GITHUB_RUN_ID": str(self._runs),
            **(variables or {}),
        }
        # Only steps that ask for the token get it.
        for name in ("GITHUB_TOKEN", *without):
            known.pop(name, None)
        rehearsal = Rehearsal(
            root=root or self.trusted,
            github=self.github,
            variables=known,
            run=self._runs,
            finished_run=finished_run,
            inputs=inputs or {},
        )
        return rehearsal.rehearse(WORKFLOWS / workflow), self._runs

    def _checkout(self, row: Mapping[str, Any]) -> Path:
        return self.folder / str(row["head"]["ref"]).replace("/", "-")

    def _text(self, path: str, root: Path | None = None) -> str:
        return ((root or self.trusted) / path).read_text(encoding="utf-8")

    def _keep_comment(self, row: Mapping[str, Any], *, first: bool) -> None:
        """Write a comment to a file: the first is the plan's, the last says why a deploy stopped."""
        rows = self.github.comments.get(row["number"], [])
        name = self._checkout(row).name if first else f"{self._checkout(row).name}-deployed"
        for comment in rows[:1] if first else rows[1:][-1:]:
            write_private(self.comments / f"{name}.md", comment["body"])

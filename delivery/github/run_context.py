"""What GitHub tells a workflow's step about its run, through variables and the event's file."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from delivery.github.client import GitHubError


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Owner(_Wire):
    login: str


class _Repository(_Wire):
    full_name: str
    owner: _Owner


class FinishedRun(_Wire):
    """The finished workflow run that started this one: its commit, branch and repository, which may be a fork.

    The branch's name is untrusted text.
    """

    id: int
    head_sha: str
    head_branch: str
    head_repository: _Repository

    @classmethod
    def from_variables(cls, variables: Mapping[str, str] = os.environ) -> "FinishedRun":
        """Read the event of a ``workflow_run`` workflow (GITHUB_EVENT_PATH). Raises GitHubError."""
        (path,) = _values(variables, "GITHUB_EVENT_PATH")
        try:
            return _Event.model_validate(json.loads(Path(path).read_text(encoding="utf-8"))).workflow_run
        except (OSError, ValueError) as error:
            # Omits the values: a fork's names are untrusted.
            problem = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
            raise GitHubError(f"{path}: not the event of a finished workflow run: {problem}") from None


class _Event(_Wire):
    workflow_run: FinishedRun


@dataclass(frozen=True, kw_only=True)
class WorkflowRun:
    """One run of a workflow. number: its id. url: its page. commit: the one that it runs on."""

    number: int
    url: str
    commit: str

    @classmethod
    def from_variables(cls, variables: Mapping[str, str] = os.environ) -> "WorkflowRun":
        """Read GITHUB_RUN_ID and related variables. Raises GitHubError."""
        names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_SHA")
        server, repository, number, commit = _values(variables, *names)
        if not number.isdecimal():
            raise GitHubError(f"GITHUB_RUN_ID is {number!r}; allowed: a number")
        return cls(number=int(number), url=f"{server}/{repository}/actions/runs/{number}", commit=commit)


def _values(variables: Mapping[str, str], *names: str) -> tuple[str, ...]:
    if missing := [name for name in names if not variables.get(name)]:
        raise GitHubError(
            f"{', '.join(missing)} not set; GitHub sets them in a workflow (without GitHub: make rehearse)"
        )
    return tuple(variables[name] for name in names)


def append_line(variable: str, line: str, variables: Mapping[str, str] = os.environ) -> None:
    """Append a line to the file, if any, that GitHub reads after the step: GITHUB_OUTPUT or GITHUB_STEP_SUMMARY.

    Raises GitHubError.
    """
    if path := variables.get(variable):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        except OSError as error:
            raise GitHubError(
                f"{variable} is {path!r}: {error.strerror}; allowed: a file that can be written"
            ) from None

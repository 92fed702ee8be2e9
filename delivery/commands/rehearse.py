"""Rehearse pull requests, their merge and a promotion on the local cloud, without GitHub.

It runs the commands of ``.github/workflows``. Four pull requests for ENVIRONMENT's branch are proposed, planned and
commented on: one that changes a setting, one that changes a construct, one from a fork, and a malicious one. The first
is merged: deploy.yml deploys it, if its plan is the reviewed one, and verifies it. Then a build arrives, is proposed,
deployed, and promoted to the protected environments, once the soak time is over. Finally, a pull request of the
application gets a preview and a second build, and ends. ``delivery.rehearsal.github_stand_in`` plays GitHub's API. The
comments are written to rehearsal/. Exit code 0: everything went as expected; 1: something did not; 2: the rehearsal
cannot run.
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from delivery.account.session import AccountError, caller, open_session
from delivery.rehearsal.application import Application
from delivery.rehearsal.builds import push_build
from delivery.rehearsal.github_stand_in import GitHubStandIn
from delivery.rehearsal.pull_requests import RehearsalError, copy_checkout, pull_requests
from delivery.rehearsal.repository import Repository
from delivery.rehearsal.workflow_runner import WorkflowError
from delivery.report.private_file import write_private
from environments.schema.previews import Previews
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from modules.model.cloud_selection import CloudError, local_endpoint
from modules.model.names import InvalidNameError
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED

COMMENTS = Path("rehearsal")


def rehearse(environment: Environment, *, root: Path = ROOT) -> Iterator[str]:
    """Rehearse pull requests, the merge of the first, a promotion and a preview; yield a line per failure.

    Raises WorkflowError, RehearsalError or AccountError.
    """
    (root / COMMENTS).mkdir(mode=0o700, exist_ok=True)
    environments = SETTINGS.lasting()
    standin = GitHubStandIn(repository=SHARED.repository, token=secrets.token_hex())
    with standin.serve() as github, tempfile.TemporaryDirectory() as folder:
        repository = Repository(
            trusted=copy_checkout(root, Path(folder) / "trusted"),
            folder=Path(folder),
            comments=root / COMMENTS,
            github=github,
            shared=SHARED,
            environments=environments,
        )
        yield from _pull_requests(repository, environment)
        if not environment.protected:
            targets = [row for row in environments if row.protected]
            yield from _promotion(repository, environment, targets)
            if SHARED.previews is not None:
                yield from _preview(repository, environment, SHARED.previews)


def _pull_requests(repository: Repository, environment: Environment) -> Iterator[str]:
    rows = []
    for rehearsed in pull_requests(SETTINGS.lasting_names()):
        rows.append(repository.open(rehearsed, environment))
        passed, line = _reviewed(repository, rows[-1])
        if passed is not rehearsed.passes:
            yield line
    yield from _merged(repository, rows[0])


def _promotion(repository: Repository, source: Environment, targets: Sequence[Environment]) -> Iterator[str]:
    """A build arrives, runs verified for the soak time, and is promoted."""
    github = repository.github
    print(f"\na build arrives: {push_build(open_session(SHARED), source)}", flush=True)
    repository.run("images.yml", commit=github.branches[SHARED.default_branch])
    yield from _own(repository, f"images/{source.name}")
    for target in targets:
        inputs = {"from": source.name, "to": target.name}
        commit = github.branches[SHARED.default_branch]
        promoted, _ = repository.run("promote.yml", commit=commit, inputs=inputs)
        if promoted:
            yield f"the promotion to {target.name} was not refused before the soak time was over"
        github.deployments.age(timedelta(minutes=SHARED.soak_minutes + 1))
        repository.run("promote.yml", commit=commit, inputs=inputs)
        yield from _own(repository, f"promote/{target.name}")


def _preview(repository: Repository, source: Environment, previews: Previews) -> Iterator[str]:
    """A pull request of the application claims a preview, gets its next build deployed there, and releases it."""
    with Application.serve(repository, previews) as application:
        for what in ("its first build", "its second build"):
            tag = push_build(open_session(SHARED), source)
            yield from _became(application, what, "is **running**", partial(application.push, tag))
        yield from _became(application, "its end", "has no preview", application.close)
        write_private(repository.comments / "preview.md", application.comment)


def _became(application: Application, what: str, state: str, do: Callable[[], bool]) -> Iterator[str]:
    began = time.monotonic()
    succeeded = do()
    print(f"\npreview, {what}: {time.monotonic() - began:.0f} s", flush=True)
    if not succeeded or state not in application.comment:
        yield f"the preview after {what}: {application.comment or 'no comment was written'}"


def _own(repository: Repository, branch: str) -> Iterator[str]:
    """Review and merge a workflow's pull request from this branch."""
    row = repository.opened(branch)
    if row is None:
        yield f"no pull request was opened for {branch}"
        return
    passed, line = _reviewed(repository, row)
    if passed:
        yield from _merged(repository, row)
    else:
        yield line


def _reviewed(repository: Repository, row: dict[str, Any]) -> tuple[bool, str]:
    began = time.monotonic()
    passed = repository.review(row)
    became = "may be merged" if passed else "is stopped"
    line = f"pull request {row['head']['ref']!r} {became}, {time.monotonic() - began:.0f} s after its push"
    print(f"\n{line}", flush=True)
    return passed, line


def _merged(repository: Repository, row: dict[str, Any]) -> Iterator[str]:
    if not repository.merge(row):
        yield f"the deploy of pull request {row['head']['ref']!r} failed"


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
        environment = SETTINGS.find_lasting(options.environment)
        _check_cloud()
        failed = list(rehearse(environment))
    except (SettingsError, InvalidNameError, CloudError, AccountError, RehearsalError, WorkflowError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in failed:
        print(f"FAIL {line}", file=sys.stderr)
    fate = "something did not go as expected" if failed else "everything went as expected"
    print(f"\nrehearsed: {fate}; the comments: {COMMENTS}/*.md")
    return 1 if failed else 0

"""Decide what this workflow run's event means for the previews.

``python -m delivery decide-previews`` needs GITHUB_TOKEN for the application's repository, and credentials that can
write the claims. It claims a slot, ends a claim, or checks the records of all slots (docs/previews.md). It prints
``matrix=`` with the slots that need a job and ``pull_requests=`` with the pull requests to update afterwards, and adds
both to the step's outputs. Exit code 0: decided; 1: refused, or something needs a person's attention; 2: an unusable
event, unusable settings, or no credentials.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from delivery.account.session import AccountError
from delivery.github.client import GitHubError
from delivery.github.run_context import WorkflowRun, append_line
from delivery.images.registry import ImageRegistry, NoEcrError
from delivery.preview.account_previews import AccountPreviews
from delivery.preview.claiming import Claiming
from delivery.preview.deciding import Decided, Deciding
from delivery.preview.error import PreviewError
from delivery.preview.github_event import read_event
from delivery.preview.github_pull_requests import GitHubPullRequests
from delivery.preview.pull_request_page import PullRequestPage
from delivery.preview.slot_matrix import row
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, decide."""
    argparse.ArgumentParser(prog="python -m delivery decide-previews", description=__doc__).parse_args(arguments)
    try:
        return 0 if _decide() else 1
    except PreviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if error.unusable else 1
    except (SettingsError, InvalidNameError, CloudError, AccountError, NoEcrError, GitHubError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _decide() -> bool:
    """Decide, write the outputs and update the pull requests; return whether nothing needs attention."""
    event, run = read_event(), WorkflowRun.from_variables()
    previews = AccountPreviews.open(SETTINGS)
    pull_requests = GitHubPullRequests.of(previews.settings)
    slots = tuple(previews.slots)
    claiming = Claiming(
        previews=previews.settings,
        slots=slots,
        store=previews.store,
        registry=ImageRegistry(previews.session, SHARED),
        pull_requests=pull_requests,
    )
    decided = Deciding(
        previews=previews.settings,
        slots=slots,
        store=previews.store,
        claiming=claiming,
        pull_requests=pull_requests,
    ).decide(event)
    _write(decided, previews)
    page = PullRequestPage(
        github=pull_requests.github,
        previews=previews.settings,
        slots=previews.slots,
        store=previews.store,
        run_url=run.url,
    )
    told = page.tell(decided.notes)
    return told and decided.is_clear


def _write(decided: Decided, previews: AccountPreviews) -> None:
    """Write the outputs; none if no slot has a task, because GitHub accepts no empty matrix."""
    if decided.tasks:
        rows = [row(previews.slots[name], SHARED, task) for name, task in decided.tasks]
        numbers = ",".join(str(note.pull_request) for note in decided.notes)
        for line in (f"matrix={json.dumps({'include': rows})}", f"pull_requests={numbers}"):
            print(line)
            append_line("GITHUB_OUTPUT", line)

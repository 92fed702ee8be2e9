"""Report the recorded state of previews on their pull requests.

``python -m delivery report-previews NUMBERS`` needs GITHUB_TOKEN for the application's repository, and credentials that
can read the claims. It updates the comment and the deployment of each pull request in NUMBERS, such as "12,14". Exit
code 0: all were updated; 1: not all; 2: invalid input, or no credentials.
"""

import argparse
import sys
from collections.abc import Sequence

from delivery.account.session import AccountError
from delivery.github.client import GitHubError
from delivery.github.run_context import WorkflowRun
from delivery.preview.account_previews import AccountPreviews
from delivery.preview.error import PreviewError
from delivery.preview.github_pull_requests import GitHubPullRequests
from delivery.preview.note import Note
from delivery.preview.pull_request_page import PullRequestPage
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, update the pull requests."""
    parser = argparse.ArgumentParser(prog="python -m delivery report-previews", description=__doc__)
    parser.add_argument("numbers", type=_numbers, metavar="NUMBERS", help="pull request numbers, separated by commas")
    options = parser.parse_args(arguments)
    try:
        run, previews = WorkflowRun.from_variables(), AccountPreviews.open(SETTINGS)
        page = PullRequestPage(
            github=GitHubPullRequests.of(previews.settings).github,
            previews=previews.settings,
            slots=previews.slots,
            store=previews.store,
            run_url=run.url,
        )
        return 0 if page.tell([Note(pull_request=number) for number in options.numbers]) else 1
    except PreviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if error.unusable else 1
    except (SettingsError, InvalidNameError, CloudError, AccountError, GitHubError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _numbers(text: str) -> list[int]:
    words = text.split(",") if text else []
    if not all(word.isdecimal() for word in words):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers; allowed: 12,14 and the like, or nothing")
    return [int(word) for word in words]

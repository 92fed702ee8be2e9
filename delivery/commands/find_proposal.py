"""Find the pull request of a proposal, and list the environments that it proposes.

``python -m delivery find-proposal [--proposal FOLDER]`` runs in a step of plan.yml with GITHUB_TOKEN. It asks GitHub
for the open pull request with the proposal's head commit, sets its check to pending, and adds to the step's outputs its
number (pull_request), the commit of its base branch (base) and the environments (matrix). The roles in the matrix
belong to the account of this checkout's settings. Exit code 0: found; 2: there is none, or the proposal is unreadable.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.github.client import GitHub, GitHubError
from delivery.github.environment_matrix import matrix
from delivery.github.plan_check import CHECK
from delivery.github.run_context import FinishedRun, WorkflowRun, append_line
from delivery.proposal.error import ProposalError
from delivery.proposal.judged_proposal import FOLDER
from delivery.proposal.proposal import read_proposal
from delivery.proposal.understanding import understand
from delivery.review.proposed_pull_request import NoPullRequestError, proposed_pull_request
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED


def find(folder: Path) -> dict[str, str]:
    """Return the outputs. Raises GitHubError, NoPullRequestError, ProposalError or SettingsError."""
    finished, run, github = FinishedRun.from_variables(), WorkflowRun.from_variables(), GitHub.from_variables()
    branches = {environment.deployed_branch(SHARED) for environment in SETTINGS.lasting()}
    pull_request = proposed_pull_request(github, finished, branches)
    commit = pull_request.head.sha
    github.set_status(commit, state="pending", context=CHECK, description="The plan is running", url=run.url)
    try:
        proposed = understand(read_proposal(folder), SETTINGS).settings
    except ProposalError:
        github.set_status(
            commit, state="failure", context=CHECK, description="The proposal cannot be read", url=run.url
        )
        raise
    lasting = [environment for environment in proposed.environments if environment.slot is None]
    return {
        "pull_request": str(pull_request.number),
        "base": github.branch(pull_request.base.ref).commit.sha,
        "matrix": json.dumps({"include": matrix(lasting, SHARED)}),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, print the outputs."""
    parser = argparse.ArgumentParser(prog="python -m delivery find-proposal", description=__doc__)
    parser.add_argument("--proposal", type=Path, default=FOLDER, help=f"folder that propose wrote ({FOLDER})")
    options = parser.parse_args(arguments)
    try:
        for name, value in find(options.proposal).items():
            line = f"{name}={value}"
            append_line("GITHUB_OUTPUT", line)
            print(line)
    except (GitHubError, NoPullRequestError, ProposalError, SettingsError, InvalidNameError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0

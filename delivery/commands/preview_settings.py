"""Print the settings that preview.yml needs.

``python -m delivery preview-settings`` prints ``role=``, ``region=``, ``owner=`` and ``repository=``, and adds them to
the step's outputs: the role that decides about claims, and the application's repository. Exit code 2: the settings have
no previews.
"""

import argparse
import sys
from collections.abc import Sequence

from delivery.github.client import GitHubError
from delivery.github.run_context import append_line
from delivery.preview.account_previews import previews_of
from delivery.preview.error import PreviewError
from modules.model.names import InvalidNameError, previews_role
from modules.model.selected_settings import SHARED


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, print the outputs."""
    argparse.ArgumentParser(prog="python -m delivery preview-settings", description=__doc__).parse_args(arguments)
    try:
        owner, _, repository = previews_of(SHARED).repository.partition("/")
        role = f"arn:aws:iam::{SHARED.account}:role/{previews_role(SHARED)}"
        for line in (f"role={role}", f"region={SHARED.region}", f"owner={owner}", f"repository={repository}"):
            print(line)
            append_line("GITHUB_OUTPUT", line)
    except (PreviewError, InvalidNameError, GitHubError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0

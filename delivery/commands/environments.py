"""List the environments for a workflow.

``python -m delivery environments [--branch BRANCH] [--only ENVIRONMENT] [--unprotected]`` prints ``matrix={"include":
[...]}`` and adds it to the step's outputs: name, branch, region and both roles of each environment. The options select
the environments of a branch, one by name, or the unprotected ones. Previews deploy no branch: only their names select
them. Exit code 2: no environment matches.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from delivery.github.client import GitHubError
from delivery.github.environment_matrix import matrix
from delivery.github.run_context import append_line
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, print the matrix."""
    parser = argparse.ArgumentParser(prog="python -m delivery environments", description=__doc__)
    parser.add_argument("--branch", help="only environments that deploy this branch")
    parser.add_argument("--only", metavar="ENVIRONMENT", help="only the environment of this name")
    parser.add_argument("--unprotected", action="store_true", help="only unprotected environments")
    options = parser.parse_args(arguments)
    try:
        environments = SETTINGS.load() if options.only else SETTINGS.lasting()
        rows = matrix(environments, SHARED, branch=options.branch, only=options.only, unprotected=options.unprotected)
        line = f"matrix={json.dumps({'include': rows})}"
        append_line("GITHUB_OUTPUT", line)
    except (SettingsError, InvalidNameError, GitHubError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(line)
    return 0

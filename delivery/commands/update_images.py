"""Propose the newest build for an unprotected environment.

``python -m delivery update-images ENVIRONMENT``, with GITHUB_TOKEN or GH_TOKEN and credentials that read the registry,
runs in a checkout of the environment's branch. It keeps one pull request with the newest build that every repository
has. It updates the pull request for a newer build, and closes it once the settings have this build or a newer one
(docs/promotion.md). Exit code 0: the pull request is open, or not needed; 1: refused, and nothing was written; 2:
GitHub or the registry does not answer, or the input is invalid.
"""

import argparse
import sys
from collections.abc import Sequence

from delivery.account.error import CheckError
from delivery.account.session import AccountError, open_session
from delivery.github.client import GitHub, GitHubError
from delivery.github.run_context import append_line
from delivery.images.image_literals import SettingsEditError
from delivery.images.registry import ImageRegistry
from delivery.images.selection import SelectionError
from delivery.promotion.refusal import RefusedError
from delivery.promotion.update import Update
from environments.schema.rules import SettingsError
from modules.model.selected_settings import SETTINGS, SHARED


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, propose."""
    parser = argparse.ArgumentParser(prog="python -m delivery update-images", description=__doc__)
    parser.add_argument("environment")
    options = parser.parse_args(arguments)
    try:
        update = Update(
            environment=SETTINGS.find_lasting(options.environment),
            shared=SHARED,
            registry=ImageRegistry(open_session(SHARED), SHARED),
            github=GitHub.of(SHARED.repository),
        )
        line = update.make()
        print(line)
        append_line("GITHUB_STEP_SUMMARY", line)
    except (RefusedError, SelectionError, SettingsEditError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    except (GitHubError, SettingsError, AccountError, CheckError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0

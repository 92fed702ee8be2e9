"""Propose the verified images that run in one environment for another.

``python -m delivery promote FROM TO``, with GITHUB_TOKEN or GH_TOKEN and credentials that read FROM and the registry,
opens a pull request that writes FROM's running digests into TO's settings. The digests must have been verified there
and run for the soak time without a failed check (docs/promotion.md). The new pull request replaces an open one. Exit
code 0: the pull request is open; 1: refused, and nothing was written; 2: GitHub or the account does not answer, or the
input is invalid.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from lightkube import ApiError

from delivery.account.error import CheckError
from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.github.client import GitHub, GitHubError
from delivery.github.run_context import append_line
from delivery.history.record import RecordError
from delivery.images.image_literals import SettingsEditError
from delivery.images.registry import ImageRegistry
from delivery.images.running import running_images
from delivery.promotion.promote import Promotion
from delivery.promotion.refusal import RefusedError
from environments.schema.catalogue import choose
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED


def promote(source: str, target: str, now: datetime) -> str:
    """Promote from one environment to another by name; return a summary.

    Raises RefusedError and SettingsEditError, with nothing written; SettingsError, GitHubError, RecordError,
    AccountError, CloudError, CheckError, ApiError.
    """
    known = SETTINGS.lasting()
    environment = choose(source, known)
    account = Target.of(environment, SHARED)
    promotion = Promotion(
        source=environment,
        target=choose(target, known),
        shared=SHARED,
        registry=ImageRegistry(account.session, SHARED),
        github=GitHub.of(SHARED.repository),
    )
    promotion.check_names()
    account.caller()
    pull_request = promotion.make(running_images(account), now)
    return f"{target}: #{pull_request.number} proposes the images that run in {source}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, promote."""
    parser = argparse.ArgumentParser(prog="python -m delivery promote", description=__doc__)
    parser.add_argument("source", metavar="FROM")
    parser.add_argument("target", metavar="TO")
    options = parser.parse_args(arguments)
    try:
        line = promote(options.source, options.target, datetime.now(UTC))
        print(line)
        append_line("GITHUB_STEP_SUMMARY", line)
    except (RefusedError, SettingsEditError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    except (
        GitHubError,
        RecordError,
        SettingsError,
        InvalidNameError,
        CloudError,
        AccountError,
        CheckError,
        ApiError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0

"""Write the comment that shows what a pull request would do to every environment.

``python -m delivery comment --commit SHA --out FILE [ENVIRONMENT=PLAN.json ENVIRONMENT=FAILED.log ...]``: a .json file
is a plan as ``terraform show -json`` prints it; a .log file is the output of a run that failed to plan. Without files,
the comment reports what ``python -m delivery save-plan`` wrote for every environment. Exit code 0: the comment is
written, whatever it says; 2: unusable input. docs/plan-comment.md describes the comment.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from delivery.plan.artifact import PLANS
from delivery.plan.document import PlanError
from delivery.policy.overrides import Overrides
from delivery.report.text_file import TextFileError
from delivery.review.comment import compose
from delivery.review.outcomes import CommentInputError, kept_outcomes, masked, read_outcomes
from delivery.terraform.stack_json import StackError, stacks_folder
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError


def _commit(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{40}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a commit; allowed: 40 hex digits")
    return text


def _url(text: str) -> str:
    if urlsplit(text).scheme != "https" or not re.fullmatch(r"[A-Za-z0-9:/?#@!$&*+,;=._~%-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be linked; allowed: an https URL, percent-encoded")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m delivery comment", description=__doc__)
    parser.add_argument("outcomes", nargs="*", metavar="ENVIRONMENT=FILE")
    parser.add_argument("--commit", required=True, type=_commit, help="the planned commit of the pull request")
    parser.add_argument("--out", required=True, type=Path, help="file for the comment's Markdown")
    parser.add_argument("--artifact-url", type=_url, help="URL of the full plans")
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder that save-plan wrote ({PLANS})")
    parser.add_argument(
        "--stacks", type=Path, default=stacks_folder(), help="folder of the synthesized stacks (%(default)s)"
    )
    parser.add_argument("--pull-request-text", type=Path, help="file with the guard's overrides; none by default")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, judge each plan, write the comment."""
    options = _parser().parse_args(arguments)
    try:
        overrides = Overrides.read(options.pull_request_text)
        outcomes = (
            read_outcomes(options.outcomes, stacks=options.stacks, overrides=overrides)
            if options.outcomes
            else kept_outcomes(options.plans, overrides=overrides)
        )
    except (CommentInputError, PlanError, StackError, TextFileError, SettingsError, InvalidNameError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    comment = compose(
        outcomes,
        commit=options.commit,
        artifact_url=options.artifact_url,
        overrides=overrides,
        mask=masked(outcomes),
    )
    try:
        options.out.write_text(comment, encoding="utf-8")
    except OSError as error:
        print(f"error: --out {options.out}: {error.strerror}; allowed: a file that can be written", file=sys.stderr)
        return 2
    return 0

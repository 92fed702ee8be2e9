"""Writes the one comment of a pull request that says what it would do to every environment.

``python -m delivery.commands.comment --commit SHA --out FILE [ENVIRONMENT=PLAN.json ENVIRONMENT=FAILED.log ...]``: a .json
is a plan as ``terraform show -json`` prints it, a .log the output of a run that made no plan; without any, what
``python -m delivery.commands.save_plan`` wrote about every environment. Exit code 0 when the comment is written, whatever it
says, 2 for input that it cannot be written from. The form of the comment: docs/plan-comment.md.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.policy.guard import STACKS, GuardInputError, guard, read_overrides, read_stack
from delivery.policy.overrides import Overrides
from delivery.redaction.mask import Mask, environment_secrets
from delivery.report.text_file import TextFileError
from delivery.review.comment import Failure, Outcome, Planned, compose
from environments.schema import catalogue
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError


class CommentInputError(ValueError):
    """An argument that no comment can be written from; the message says what was given and what is allowed."""


def read_outcomes(arguments: Sequence[str], *, stacks: Path, overrides: Overrides) -> list[Outcome]:
    """Read each ENVIRONMENT=FILE and judge the plans.

    stacks: folder with each environment's cdk.tf.json. Raises CommentInputError, PlanError, GuardInputError or
    SettingsError.
    """
    outcomes = [_read_outcome(argument, stacks=stacks, overrides=overrides) for argument in arguments]
    named = [outcome.environment for outcome in outcomes]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise CommentInputError(f"{', '.join(twice)}: given more than once; allowed: one file an environment")
    return outcomes


def kept_outcomes(root: Path, *, overrides: Overrides) -> list[Outcome]:
    """Read and judge what ``delivery.commands.save_plan`` wrote below this folder about every environment.

    Raises PlanError, GuardInputError or SettingsError.
    """
    return [_kept_outcome(PlanFolder(root=root, environment=name), overrides) for name in catalogue.names()]


def _kept_outcome(folder: PlanFolder, overrides: Overrides) -> Outcome:
    if not folder.document.exists() and not folder.log.exists():
        log = "Error: there is neither a plan nor a log: the run ended before Terraform was started"
        return Failure(environment=folder.environment, log=log)
    file = folder.document if folder.document.exists() else folder.log
    return _read_outcome(f"{folder.environment}={file}", stacks=folder.root, overrides=overrides)


def masked(outcomes: Sequence[Outcome]) -> Mask:
    """A mask of what a comment on these plans must not show.

    What a run printed may hold what its environment gave it; a file is not masked by GitHub as a log is.
    """
    plans = [outcome.plan for outcome in outcomes if isinstance(outcome, Planned)]
    return Mask(environment_secrets().union(*(plan.secrets for plan in plans)))


def _read_outcome(argument: str, *, stacks: Path, overrides: Overrides) -> Outcome:
    environment, _, name = argument.partition("=")
    path = Path(name)
    if environment not in catalogue.names():
        raise CommentInputError(
            f"{argument!r}: environment {environment!r} is unknown; allowed: {', '.join(catalogue.names())}"
        )
    if path.suffix == ".json":
        plan = Plan.read(path)
        stack = read_stack(stacks / environment / "cdk.tf.json")
        return Planned(plan=plan, verdict=guard(environment, plan, stack=stack, overrides=overrides))
    if path.suffix == ".log":
        try:
            log = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise CommentInputError(f"{path}: the log cannot be read: {error}") from None
        return Failure(environment=environment, log=log)
    raise CommentInputError(f"{argument!r}: allowed: ENVIRONMENT=PLAN.json, or ENVIRONMENT=FAILED.log")


def _commit(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{40}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no commit; allowed: 40 hex digits")
    return text


def _url(text: str) -> str:
    if urlsplit(text).scheme != "https" or not re.fullmatch(r"[A-Za-z0-9:/?#@!$&*+,;=._~%-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be linked; allowed: an https URL, percent-encoded")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m delivery.commands.comment", description=__doc__)
    parser.add_argument("outcomes", nargs="*", metavar="ENVIRONMENT=FILE")
    parser.add_argument("--commit", required=True, type=_commit, help="the pull request's commit that was planned")
    parser.add_argument("--out", required=True, type=Path, help="file for the comment's Markdown")
    parser.add_argument("--artifact-url", type=_url, help="where the full plans can be downloaded")
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder of delivery.commands.save_plan ({PLANS})")
    parser.add_argument("--stacks", type=Path, default=STACKS, help=f"folder of the synthesized stacks ({STACKS})")
    parser.add_argument("--pull-request-text", type=Path, help="file with the overrides of the guard; none by default")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, judge each plan, write the comment."""
    options = _parser().parse_args(arguments)
    try:
        overrides = read_overrides(options.pull_request_text)
        outcomes = (
            read_outcomes(options.outcomes, stacks=options.stacks, overrides=overrides)
            if options.outcomes
            else kept_outcomes(options.plans, overrides=overrides)
        )
    except (CommentInputError, PlanError, GuardInputError, TextFileError, SettingsError, InvalidNameError) as error:
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


if __name__ == "__main__":
    sys.exit(main())

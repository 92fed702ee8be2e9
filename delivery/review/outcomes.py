"""What a comment is about: each environment's plan with the guard's result, or the log of a run that made none."""

from collections.abc import Sequence
from pathlib import Path

from delivery.plan.artifact import PlanFolder
from delivery.plan.document import Plan
from delivery.policy.guard import guard
from delivery.policy.overrides import Overrides
from delivery.redaction.mask import Mask, environment_secrets
from delivery.review.comment import Failure, Outcome, Planned
from delivery.terraform.stack_json import FILE, read_stack
from modules.model.selected_settings import SETTINGS


class CommentInputError(ValueError):
    """An argument that no comment can be written from; the message says what was given and what is allowed."""


def read_outcomes(arguments: Sequence[str], *, stacks: Path, overrides: Overrides) -> list[Outcome]:
    """Read each ENVIRONMENT=FILE and judge the plans.

    stacks: folder with each environment's cdk.tf.json. Raises CommentInputError, PlanError, StackError or
    SettingsError.
    """
    outcomes = [_read_outcome(argument, stacks=stacks, overrides=overrides) for argument in arguments]
    named = [outcome.environment for outcome in outcomes]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise CommentInputError(f"{', '.join(twice)}: given more than once; allowed: one file an environment")
    return outcomes


def kept_outcomes(root: Path, *, overrides: Overrides) -> list[Outcome]:
    """Read and judge what ``python -m delivery save-plan`` wrote below this folder about every environment.

    Raises PlanError, StackError or SettingsError.
    """
    return [_kept_outcome(PlanFolder(root=root, environment=name), overrides) for name in SETTINGS.names()]


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
    if environment not in SETTINGS.names():
        raise CommentInputError(
            f"{argument!r}: environment {environment!r} is unknown; allowed: {', '.join(SETTINGS.names())}"
        )
    if path.suffix == ".json":
        plan = Plan.read(path)
        stack = read_stack(stacks / environment / FILE)
        return Planned(plan=plan, stack=stack, guard_result=guard(environment, plan, stack=stack, overrides=overrides))
    if path.suffix == ".log":
        try:
            log = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise CommentInputError(f"{path}: the log cannot be read: {error}") from None
        return Failure(environment=environment, log=log)
    raise CommentInputError(f"{argument!r}: allowed: ENVIRONMENT=PLAN.json, or ENVIRONMENT=FAILED.log")

"""Reads what a comment is about: each environment's plan with the guard's result, or why there is no plan."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from delivery.plan.artifact import PlanFolder
from delivery.plan.document import Plan
from delivery.policy.guard import guard, guard_bootstrap, guard_proposal
from delivery.policy.overrides import Overrides
from delivery.policy.rules.known_image import KnownImage
from delivery.proposal.judged_proposal import JudgedProposal
from delivery.redaction.mask import Mask, environment_secrets
from delivery.review.outcome import Failure, Outcome, Planned, Unplanned
from delivery.terraform.stack_json import FILE, read_stack
from modules.model.selected_settings import SETTINGS


class CommentInputError(ValueError):
    """An argument does not describe a comment; the message says what was given and what is allowed."""


def read_outcomes(arguments: Sequence[str], *, stacks: Path, overrides: Overrides) -> list[Outcome]:
    """Read each ENVIRONMENT=FILE and judge the plans.

    stacks: folder with each environment's cdk.tf.json. Raises CommentInputError, PlanError, StackError or
    SettingsError.
    """
    outcomes = [_read_outcome(argument, stacks=stacks, overrides=overrides) for argument in arguments]
    named = [outcome.environment for outcome in outcomes]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise CommentInputError(f"{', '.join(twice)}: given more than once; allowed: one file per environment")
    return outcomes


def kept_outcomes(root: Path, *, overrides: Overrides) -> list[Outcome]:
    """Read and judge what ``python -m delivery save-plan`` wrote below this folder, for all environments but previews.

    Raises PlanError, StackError or SettingsError.
    """
    return [_kept_outcome(PlanFolder(root=root, environment=name), overrides) for name in SETTINGS.lasting_names()]


def proposed_outcomes(
    root: Path,
    proposal: JudgedProposal,
    *,
    overrides: Overrides,
    known_images: Mapping[str, KnownImage] | None = None,
) -> list[Outcome]:
    """Judge a proposal with the plans that ``save-plan --proposal`` wrote below this folder.

    known_images: what the deploy records say about images, by digest; None if they were not read. Includes the
    bootstrap stack and the previews, which are never planned, if they have findings. Raises PlanError.
    """
    outcomes = [
        _proposed_outcome(PlanFolder(root=root, environment=name), proposal, overrides, known_images)
        for name in proposal.environments
        if name not in proposal.previews
    ]
    unplanned = [
        *(guard_proposal(name, None, proposal, overrides, known_images=known_images) for name in proposal.previews),
        guard_bootstrap(proposal, overrides),
    ]
    return [*outcomes, *(Unplanned(guard_result=judged) for judged in unplanned if judged.findings)]


def _proposed_outcome(
    folder: PlanFolder, proposal: JudgedProposal, overrides: Overrides, known_images: Mapping[str, KnownImage] | None
) -> Outcome:
    name = folder.environment
    if proposal.refusals(name):
        return Unplanned(guard_result=guard_proposal(name, None, proposal, overrides))
    if not folder.document.exists():
        return Failure(environment=name, log=_log(folder))
    plan = Plan.read(folder.document)
    judged = guard_proposal(name, plan, proposal, overrides, known_images=known_images)
    return Planned(plan=plan, stack=proposal.stack(name), guard_result=judged)


def _kept_outcome(folder: PlanFolder, overrides: Overrides) -> Outcome:
    if not folder.document.exists():
        return Failure(environment=folder.environment, log=_log(folder))
    return _read_outcome(f"{folder.environment}={folder.document}", stacks=folder.root, overrides=overrides)


def _log(folder: PlanFolder) -> str:
    if not folder.log.exists():
        return "Error: there is neither a plan nor a log: the run ended before Terraform was started"
    return _text(folder.log)


def masked(outcomes: Sequence[Outcome]) -> Mask:
    """A mask for everything that a comment on these plans must not show.

    A run's output may contain values from its environment, and GitHub masks only logs, not files.
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
        result = guard(environment, plan, stack=stack, overrides=overrides)
        return Planned(plan=plan, stack=stack, guard_result=result)
    if path.suffix == ".log":
        return Failure(environment=environment, log=_text(path))
    raise CommentInputError(f"{argument!r}: allowed: ENVIRONMENT=PLAN.json, or ENVIRONMENT=FAILED.log")


def _text(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommentInputError(f"{log}: the log cannot be read: {error}") from None

"""Judges an environment's plan by every rule, and an unplanned proposal by the rules that need no plan."""

from collections.abc import Mapping

from delivery.plan.document import Plan
from delivery.policy.overrides import Overrides
from delivery.policy.result import GuardResult, evaluate, result
from delivery.policy.rules import code
from delivery.policy.rules.known_image import KnownImage
from delivery.policy.rules.rule import Finding, Review
from delivery.policy.rules.table import RULES, WITHOUT_PLAN
from delivery.proposal.judged_proposal import JudgedProposal
from environments.schema.catalogue import Catalogue, choose
from environments.schema.settings import BOOTSTRAP
from modules.model.selected_settings import SETTINGS


def guard(
    environment: str,
    plan: Plan,
    *,
    stack: Mapping[str, object],
    overrides: Overrides,
    settings: Catalogue = SETTINGS,
    trusted: Mapping[str, object] | None = None,
) -> GuardResult:
    """Judge a plan of this environment.

    stack: its synthesized configuration (cdk.tf.json). settings: of its account. trusted: the stack that this code
    synthesizes from the settings; None if ``stack`` is that one. Raises SettingsError for an unknown environment.
    """
    environments = settings.load()
    review = Review(
        plan=plan,
        environment=choose(environment, environments),
        neighbours=[neighbour for neighbour in environments if neighbour.name != environment],
        shared=settings.shared,
        stack=stack,
        trusted=trusted,
    )
    return evaluate(review, RULES, overrides)


def guard_proposal(
    environment: str,
    plan: Plan | None,
    proposal: JudgedProposal,
    overrides: Overrides,
    *,
    known_images: Mapping[str, KnownImage] | None = None,
) -> GuardResult:
    """Judge what a pull request proposes for an environment.

    plan: of the proposed stack; None without one. known_images: the images in the records of deploys, by digest; None
    if they were not read.
    """
    settings = proposal.environment(environment)
    if settings is None:
        return _guard_stack(environment, proposal, overrides)
    review = Review(
        plan=plan or Plan(resources=()),
        environment=settings,
        neighbours=[row for row in proposal.understood.settings.environments if row.name != environment],
        shared=proposal.understood.settings.shared,
        stack=proposal.stack(environment),
        trusted=proposal.trusted[environment],
        base=proposal.base,
        proposed=proposal.understood.settings,
        unknown_settings=proposal.unknown_settings(environment),
        refusals=proposal.refusals(environment),
        known_images=known_images,
    )
    return evaluate(review, RULES if plan else WITHOUT_PLAN, overrides)


def guard_bootstrap(proposal: JudgedProposal, overrides: Overrides) -> GuardResult:
    """Judge a pull request's changes to the bootstrap stack, which is only planned when somebody deploys it."""
    return _guard_stack(BOOTSTRAP, proposal, overrides)


def _guard_stack(name: str, proposal: JudgedProposal, overrides: Overrides) -> GuardResult:
    [rule] = code.RULES
    found: list[Finding] = [*code.unknown(proposal.unknown_settings(name)), *code.changed(proposal.code_changes(name))]
    return result(name, [(rule, finding) for finding in found], overrides, protected=True)

"""Judges a plan of an environment by every rule."""

from collections.abc import Mapping

from delivery.plan.document import Plan
from delivery.policy.overrides import Overrides
from delivery.policy.result import GuardResult, evaluate
from delivery.policy.rules.rule import Review
from delivery.policy.rules.table import RULES
from environments.schema.catalogue import Catalogue, choose
from modules.model.selected_settings import SETTINGS


def guard(
    environment: str,
    plan: Plan,
    *,
    stack: Mapping[str, object],
    overrides: Overrides,
    settings: Catalogue = SETTINGS,
) -> GuardResult:
    """Judge a plan of this environment. stack: its synthesized configuration (cdk.tf.json). settings: of its account.

    Raises SettingsError for an unknown environment.
    """
    environments = settings.load()
    review = Review(
        plan=plan,
        environment=choose(environment, environments),
        neighbours=[neighbour for neighbour in environments if neighbour.name != environment],
        shared=settings.shared,
        stack=stack,
    )
    return evaluate(review, RULES, overrides)

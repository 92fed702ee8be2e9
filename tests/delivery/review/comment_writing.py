"""Writes comments on the tests' plans."""

from pathlib import Path
from typing import Any

from delivery.plan.document import Plan
from delivery.policy.overrides import Overrides
from delivery.redaction.mask import Mask
from delivery.review.comment import compose
from delivery.review.outcome import Failure, Outcome, Planned
from tests.delivery.plan_documents import FOLDER, real_guard, real_plan, real_stack

COMMENTS = Path(__file__).parent / "comments"
COMMIT = "4f9d2c1b0e8a7d6c5b4a39281706f5e4d3c2b1a0"
URL = "https://github.com/mosaic-stories/platform/actions/runs/1/artifacts/2"


def outcome(name: str, text: str = "") -> Outcome:
    environment = name.partition("-")[0]
    log = FOLDER / f"{name}.log"
    if log.exists():
        return Failure(environment=environment, log=log.read_text())
    return planned(environment, real_plan(name), real_stack(name), text)


def planned(environment: str, plan_: Plan, stack: dict[str, Any], text: str = "") -> Planned:
    return Planned(plan=plan_, stack=stack, guard_result=real_guard(environment, plan_, stack, text))


def comment(*outcomes: Outcome, text: str = "", artifact_url: str | None = URL) -> str:
    secrets = {secret for row in outcomes if isinstance(row, Planned) for secret in row.plan.secrets}
    return compose(outcomes, commit=COMMIT, artifact_url=artifact_url, overrides=Overrides.of(text), mask=Mask(secrets))

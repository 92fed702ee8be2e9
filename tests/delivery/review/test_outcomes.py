"""Previews are not planned before a claim, but a pull request's changes to them are still judged."""

import json
from pathlib import Path

from delivery.policy.overrides import Overrides
from delivery.proposal.judged_proposal import JudgedProposal
from delivery.proposal.proposal import Proposal
from delivery.proposal.understanding import Understood
from delivery.review.explanation import explanations
from delivery.review.outcome import Outcome, Unplanned
from delivery.review.outcomes import proposed_outcomes
from environments.preview import preview
from environments.schema.document import SettingsDocument
from environments.schema.previews import Previews
from environments.schema.settings import BOOTSTRAP
from tests.account import SETTINGS
from tests.delivery.plan_documents import real_stack
from tests.delivery.proposals import Stack, attacking, labelled

SLOT = "preview-1"
BASE = SettingsDocument(
    shared=SETTINGS.shared.changed({"previews": Previews(repository="mosaic-stories/mosaic-life", slots=1)}),
    environments=(preview(1), *SETTINGS.load()),
)
# A preview's stack only needs something that changes; its content does not matter here.
BEFORE: dict[str, Stack] = {
    BOOTSTRAP: {"terraform": {}, "resource": {}},
    **{row.name: real_stack("staging-empty") for row in BASE.environments},
}


def proposal(stack: Stack, settings: SettingsDocument = BASE) -> JudgedProposal:
    """A proposal of this stack for the preview; all other stacks are as today."""
    return JudgedProposal(
        proposal=Proposal(settings=json.loads(settings.to_json()), stacks={**BEFORE, SLOT: stack}),
        understood=Understood(settings=settings, unknown=()),
        base=BASE,
        trusted=BEFORE,
        before=BEFORE,
    )


def outcomes(judged: JudgedProposal, tmp_path: Path) -> list[Outcome]:
    """Return the preview's outcomes; without plans, the other environments are failures."""
    found = proposed_outcomes(tmp_path, judged, overrides=Overrides())
    assert {row.environment for row in found} >= {"prod", "staging"}
    return [row for row in found if row.environment == SLOT]


def test_an_unchanged_preview_is_neither_a_failure_nor_explained(tmp_path: Path) -> None:
    same = proposal(BEFORE[SLOT])
    assert outcomes(same, tmp_path) == []
    assert SLOT not in [row.environment for row in explanations(same)]


def test_a_code_change_of_a_preview_blocks(tmp_path: Path) -> None:
    changed = proposal(labelled(BEFORE[SLOT]))
    [outcome] = outcomes(changed, tmp_path)
    assert isinstance(outcome, Unplanned)
    assert {row.rule.id for row in outcome.guard_result.blocking} == {"changed-by-code"}
    [explanation] = [row for row in explanations(changed) if row.environment == SLOT]
    assert explanation.code


def test_a_preview_that_could_do_more_than_read_blocks(tmp_path: Path) -> None:
    [outcome] = outcomes(proposal(attacking(BEFORE[SLOT])), tmp_path)
    assert isinstance(outcome, Unplanned)
    assert "not-planned" in {row.rule.id for row in outcome.guard_result.blocking}


def test_a_setting_of_previews_is_explained_and_a_dangerous_one_blocks(tmp_path: Path) -> None:
    def edited(fields: dict[str, object]) -> SettingsDocument:
        environments = (preview(1).changed(fields), *SETTINGS.load())
        return SettingsDocument(shared=BASE.shared, environments=environments)

    quieter = proposal(BEFORE[SLOT], edited({"log_level": "debug"}))
    assert outcomes(quieter, tmp_path) == []
    [explanation] = [row for row in explanations(quieter) if row.environment == SLOT]
    assert [(row.file, row.field) for row in explanation.settings] == [("environments/preview.py", "log_level")]
    [outcome] = outcomes(proposal(BEFORE[SLOT], edited({"quota": {"pods": 99}})), tmp_path)
    assert isinstance(outcome, Unplanned)
    assert [row.finding.address for row in outcome.guard_result.blocking] == ["environments/preview.py:quota.pods"]

"""Comments on the four kinds of proposals against golden files: first the changes, then their explanation."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from delivery.plan.diff import block_lines
from delivery.plan.document import Plan
from delivery.policy.overrides import Overrides
from delivery.proposal.comparison import exact_differences
from delivery.proposal.judged_proposal import JudgedProposal
from delivery.redaction.mask import Mask
from delivery.review.comment import compose
from delivery.review.explanation import explanations
from delivery.review.header import CommentHeader
from environments.schema.settings import BOOTSTRAP
from tests.delivery.plan_documents import real_plan, real_stack
from tests.delivery.proposals import attacking, changed, judged, labelled, labelled_plan, outcomes
from tests.delivery.review.comment_writing import COMMENTS, COMMIT, URL

COMMAND = ".venv/bin/python -m pytest tests/delivery/review/test_proposal_comment.py --regenerate"
REPLICAS = real_stack("staging-replicas")
LINE = "plan-guard: allow changed-by-code staging:* because every Deployment gets its tier"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A proposal, the plan of each planned environment, and the pull request's text."""

    proposal: JudgedProposal
    plans: Mapping[str, Plan]
    text: str = ""

    def comment(self) -> str:
        return compose(
            outcomes(self.proposal, self.plans, self.text),
            commit=COMMIT,
            artifact_url=URL,
            overrides=Overrides.of(self.text),
            mask=Mask(),
            run=5,
            explanations=explanations(self.proposal),
        )


SETTINGS_ONLY = judged(
    proposed={"staging": REPLICAS},
    trusted={"staging": REPLICAS},
    settings=changed("staging", web={"replicas": 2}),
)
CONSTRUCT = judged(proposed={"staging": labelled(real_stack("staging-empty"))})
ATTACK = judged(proposed={"staging": attacking(real_stack("staging-empty"))})
BY_BOOTSTRAP = judged(proposed={BOOTSTRAP: {"terraform": {}, "resource": {"aws_iam_user": {"x": {"name": "x"}}}}})
PROD, STAGING = real_plan("prod-empty"), real_plan("staging-empty")
LABELLED = {"prod": PROD, "staging": labelled_plan()}
CASES = {
    "proposal-settings": Case(proposal=SETTINGS_ONLY, plans={"prod": PROD, "staging": real_plan("staging-replicas")}),
    "proposal-construct": Case(proposal=CONSTRUCT, plans=LABELLED),
    "proposal-construct-allowed": Case(proposal=CONSTRUCT, plans=LABELLED, text=LINE),
    "proposal-attack": Case(proposal=ATTACK, plans={"prod": PROD}),
    "proposal-bootstrap": Case(proposal=BY_BOOTSTRAP, plans={"prod": PROD, "staging": STAGING}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_comment_matches_its_golden_file(name: str, pytestconfig: pytest.Config) -> None:
    written = CASES[name].comment()
    golden = COMMENTS / f"{name}.md"
    if pytestconfig.getoption("--regenerate"):
        golden.write_text(written)
    assert written == golden.read_text(), f"{golden.name} differs; if it is meant, rewrite it: {COMMAND}"


def guard_words(case: Case) -> dict[str, str | None]:
    header = CommentHeader.of(case.comment())
    assert header
    return {name: row.guard for name, row in header.environments.items()}


def test_changed_settings_alone_need_no_override() -> None:
    assert guard_words(CASES["proposal-settings"]) == {"prod": "passed", "staging": "passed"}


def test_a_constructs_new_label_needs_one_override() -> None:
    assert guard_words(CASES["proposal-construct"]) == {"prod": "passed", "staging": "stopped"}
    assert guard_words(CASES["proposal-construct-allowed"]) == {"prod": "passed", "staging": "passed"}


def test_a_stack_that_could_do_more_than_read_has_no_plan_and_no_hash() -> None:
    header = CommentHeader.of(CASES["proposal-attack"].comment())
    assert header
    assert header.environments["staging"].hash is None
    assert header.environments["staging"].guard == "stopped"


def test_a_changed_bootstrap_stack_is_also_stopped() -> None:
    assert guard_words(CASES["proposal-bootstrap"])[BOOTSTRAP] == "stopped"


def test_values_of_different_types_are_distinguished() -> None:
    lines = block_lines("a", exact_differences({"x": 1, "y": True}, {"x": "1", "y": "true"}), Mask())
    assert lines == ["@@ a @@", '! x: 1 → "1"', '! y: true → "true"']

"""The comment that says why a deploy stopped."""

from delivery.policy.overrides import Override
from delivery.report.markdown import LIMIT
from delivery.review.stopped_deploy import explain
from tests.delivery.github.github_fixture import REPOSITORY
from tests.delivery.plan_documents import plan, real_plan, resource
from tests.delivery.review.prose import outside_code


def test_the_comment_shows_the_plan_difference_and_no_markup_from_a_reason() -> None:
    written = explain(
        "staging",
        why="`x` </details> @mosaic-stories/admins",
        allowing=[Override(rule="reviewed-plan", environment="staging", address="sha256:" + "0" * 64, reason="")],
        fresh=real_plan("staging-loosened"),
        reviewed=real_plan("staging-replicas"),
        run_url=f"https://github.com/{REPOSITORY}/actions/runs/1",
    )
    assert "- ! spec.replicas: 1 → 2" in written
    assert "`x` </details> @mosaic-stories/admins" in written
    assert "@mosaic-stories/admins" not in outside_code(written)


def test_a_huge_difference_fits_into_a_comment() -> None:
    rows = [resource("aws_iam_role", "change", {"a": "1"}, {"a": "x" * 300}, name=f"x{i}") for i in range(2000)]
    written = explain("staging", why="x", allowing=[], fresh=plan(*rows), reviewed=None, run_url="u")
    assert len(written) <= LIMIT
    assert "are not shown**" in written

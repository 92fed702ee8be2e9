"""The text of a drift issue."""

from delivery.drift.report import DriftReport, is_about
from delivery.report.markdown import LIMIT
from tests.delivery.drift.reports import DRIFTED, FAILED, IN_ORDER, RUN, UNVERIFIED
from tests.delivery.plan_documents import plan, real_plan, resource
from tests.delivery.plans.scenarios import PLANTED


def test_the_body_lists_the_differences() -> None:
    body = DRIFTED.body(RUN)
    assert body.startswith("<!-- mosaic-drift staging -->\n\n**staging: 1 to change.**")
    assert is_about("staging", body)
    assert not is_about("prod", body)
    assert "@@ kubernetes_deployment_v1.web_deployment: change @@\n! spec.replicas: 1 → 2" in body
    assert "FAIL database: no answer" in UNVERIFIED.body(RUN)
    assert "Error: no credentials" in FAILED.body(RUN)
    assert "pull request" in body
    assert "pull request" not in IN_ORDER.body(RUN)


def test_the_body_hides_secrets_and_fits() -> None:
    planted = DriftReport(environment="staging", plan=real_plan("staging-planted"), failed_checks=(f"FAIL {PLANTED}",))
    assert PLANTED not in planted.body(RUN)
    rows = [resource("aws_iam_role", "change", {"a": "1"}, {"a": "x" * 300}, name=f"x{i}") for i in range(2000)]
    checks = [f"FAIL check {number}" for number in range(5000)]
    huge = DriftReport(environment="staging", plan=plan(*rows), failed_checks=tuple(checks)).body(RUN)
    assert len(huge) <= LIMIT
    shown = [line for line in huge.splitlines() if line.startswith("FAIL check")]
    assert shown
    assert f"and {len(checks) - len(shown)} more" in huge

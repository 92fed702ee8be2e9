"""Reports of one environment in each state that the nightly check can find."""

from delivery.drift.report import DriftReport
from tests.delivery.plan_documents import real_plan

RUN = "https://github.com/mosaic-stories/platform/actions/runs/9"
IN_ORDER = DriftReport(environment="staging", plan=real_plan("staging-empty"))
DRIFTED = DriftReport(environment="staging", plan=real_plan("staging-replicas"))
UNVERIFIED = DriftReport(
    environment="staging", plan=real_plan("staging-empty"), failed_checks=("FAIL database: no answer",)
)
FAILED = DriftReport(environment="staging", plan=None, log="Error: no credentials")

"""Keep an issue open while an environment differs from its code.

``python -m delivery drift ENVIRONMENT [--plans FOLDER]`` runs in a workflow's step with GITHUB_TOKEN. FOLDER is what
``python -m delivery save-plan`` wrote; this command verifies the environment itself. It also records a failed check at
the environment's last recorded deploy, so that nobody promotes its images. Exit code 0: the issue is up to date; 2: it
cannot be updated.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.drift.issue import keep_issue
from delivery.drift.report import DriftReport
from delivery.github.client import GitHub, GitHubError
from delivery.github.run_context import WorkflowRun, append_line
from delivery.history.record import add_failure
from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.verification.verify_run import VerifyRun, run_verify
from environments.schema.rules import SettingsError
from modules.model.selected_settings import SETTINGS


def read_report(folder: PlanFolder, verified: VerifyRun) -> DriftReport:
    """Read the plan. verified: verify's result. Raises PlanError."""
    if folder.document.exists():
        plan = Plan.read(folder.document)
        return DriftReport(environment=folder.environment, plan=plan, failed_checks=verified.failed)
    try:
        log = folder.log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PlanError(
            f"{folder.folder}: neither a plan nor a log ({error}); allowed: a folder that save-plan wrote"
        ) from None
    return DriftReport(environment=folder.environment, plan=None, log=log, failed_checks=verified.failed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, verify, keep the issue."""
    parser = argparse.ArgumentParser(prog="python -m delivery drift", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder that save-plan wrote ({PLANS})")
    options = parser.parse_args(arguments)
    try:
        environment = SETTINGS.find_lasting(options.environment)
        github, run = GitHub.from_variables(), WorkflowRun.from_variables()
        verified = run_verify(environment.name)
        if verified.found_failure:
            # Comes before the issue, which needs a plan: images that failed must not be promoted in any case.
            add_failure(github, environment, verified, log_url=run.url)
        report = read_report(PlanFolder(root=options.plans, environment=environment.name), verified)
        action = keep_issue(github, report, run.url)
        line = f"{report.summary()} The issue was {action}."
        print(line)
        append_line("GITHUB_STEP_SUMMARY", line)
    except (GitHubError, PlanError, SettingsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0

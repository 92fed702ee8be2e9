"""Keep an issue open for as long as an environment differs from its code.

``python -m delivery drift ENVIRONMENT [--plans FOLDER]``, in a workflow's step with GITHUB_TOKEN. FOLDER is what
``python -m delivery save-plan`` wrote; the environment is verified here. Exit code 0: the issue says how things are; 2:
it cannot be kept.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.drift.issue import keep_issue
from delivery.drift.report import DriftReport
from delivery.github.client import GitHub, GitHubError
from delivery.github.run_context import WorkflowRun, append_line
from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.redaction.mask import Mask, environment_secrets
from environments.schema.rules import SettingsError
from modules.model.selected_settings import SETTINGS


def read_report(folder: PlanFolder) -> DriftReport:
    """Read what was planned, and verify. Raises PlanError."""
    failed = _failed_checks(folder.environment)
    if folder.document.exists():
        plan = Plan.read(folder.document)
        return DriftReport(environment=folder.environment, plan=plan, failed_checks=failed)
    try:
        log = folder.log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PlanError(
            f"{folder.folder}: neither a plan nor a log ({error}); allowed: a folder of save-plan"
        ) from None
    return DriftReport(environment=folder.environment, plan=None, log=log, failed_checks=failed)


def _failed_checks(environment: str) -> tuple[str, ...]:
    """What verify says is wrong."""
    command = [sys.executable, "-m", "delivery", "verify", environment]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode == 0:
        return ()
    lines = Mask(environment_secrets()).clean_log(done.stdout).splitlines()
    # Where it could not even begin, there is no line of a check.
    return tuple(line for line in lines if line.startswith("FAIL")) or tuple(lines[-5:]) or ("verify said nothing",)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, verify, keep the issue."""
    parser = argparse.ArgumentParser(prog="python -m delivery drift", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder of save-plan ({PLANS})")
    options = parser.parse_args(arguments)
    try:
        environment = SETTINGS.find(options.environment)
        github, run = GitHub.from_variables(), WorkflowRun.from_variables()
        report = read_report(PlanFolder(root=options.plans, environment=environment.name))
        action = keep_issue(github, report, run.url)
        line = f"{report.summary()} The issue was {action}."
        print(line)
        append_line("GITHUB_STEP_SUMMARY", line)
    except (GitHubError, PlanError, SettingsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0

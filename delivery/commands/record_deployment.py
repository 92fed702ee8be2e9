"""Verify an environment that was just deployed, and record what runs in it.

``python -m delivery record-deployment ENVIRONMENT [--plans FOLDER]`` runs in a step of deploy.yml with GITHUB_TOKEN. It
prints the checks of verify, and creates a GitHub deployment with the hash of the plan that save-plan wrote to FOLDER,
the images that the pods run, and the result of verify (docs/promotion.md). Exit code 0: every check passed; 1: a check
failed; 2: the environment cannot be verified, or nothing can be recorded.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lightkube import ApiError

from delivery.account.error import CheckError
from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.github.client import GitHub, GitHubError
from delivery.github.run_context import WorkflowRun
from delivery.history.record import Deployed, RecordedImage, create_record
from delivery.images.registry import ImageRegistry, NoEcrError, RegistryError
from delivery.images.running import RunningImage, running_images
from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.plan.hash import plan_hash
from delivery.promotion.migration import migration_in
from delivery.terraform.stack_json import StackError, read_stack
from delivery.verification.verify_run import run_verify
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.contract import Application
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment, Image
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED


def deployed_images(
    environment: Environment, running: Mapping[str, Sequence[RunningImage]], registry: ImageRegistry | None
) -> dict[str, RecordedImage]:
    """Return the records of the running images; skips an application that runs none, several or an unknown one.

    registry: used to look up the images' migrations; None if it is not ECR.
    """
    images = {}
    for field, rows in running.items():
        digests = {row.digest for row in rows}
        digest = digests.pop() if len(digests) == 1 else None
        if digest is not None:
            migration = _migration(registry, APPLICATION_OF_FIELD[field], digest)
            images[field] = RecordedImage(tag=environment.images[field].tag, digest=digest, migration=migration)
    return images


def _migration(registry: ImageRegistry | None, application: Application, digest: str) -> str | None:
    if registry is None or not application.migration_command:
        return None
    try:
        return migration_in(registry, application.repository, Image(digest=digest))
    except RegistryError as error:
        # Still record the verified deploy: without a record nothing could be promoted.
        print(f"{application.name}: cannot tell which migration its image has: {error}", file=sys.stderr)
        return None


def _registry(target: Target) -> ImageRegistry | None:
    try:
        return ImageRegistry(target.session, target.shared)
    except NoEcrError:
        return None


def record(environment: Environment, plans: Path) -> int:
    """Verify, record, and return verify's exit code; does not record an environment that cannot be verified.

    Raises GitHubError, PlanError, StackError, AccountError, CloudError, CheckError or ApiError.
    """
    github, run = GitHub.from_variables(), WorkflowRun.from_variables()
    folder = PlanFolder(root=plans, environment=environment.name)
    plan = plan_hash(Plan.read(folder.document), read_stack(folder.stack))
    verified = run_verify(environment.name)
    if not (verified.passed or verified.found_failure):
        return verified.code
    target = Target.of(environment, SHARED)
    target.caller()
    images = deployed_images(environment, running_images(target), _registry(target))
    deployed = Deployed(plan=plan, images=images)
    create_record(github, environment, deployed, verified, commit=run.commit, log_url=run.url)
    print(f"{environment.name}: recorded with {', '.join(images) or 'no image'}; {verified.summary}")
    return verified.code


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, verify, record."""
    parser = argparse.ArgumentParser(prog="python -m delivery record-deployment", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder that save-plan wrote ({PLANS})")
    options = parser.parse_args(arguments)
    try:
        return record(SETTINGS.find(options.environment), options.plans)
    except (
        GitHubError,
        PlanError,
        StackError,
        SettingsError,
        InvalidNameError,
        CloudError,
        AccountError,
        CheckError,
        ApiError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2

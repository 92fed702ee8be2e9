"""Runs the cdktf command line for one environment, after checking what would otherwise fail half-way.

``python -m delivery.run plan|deploy|destroy ENVIRONMENT [--auto-approve]``; exit code 2 for input that cannot work,
1 for a failed run. Plain ``npx cdktf deploy ENVIRONMENT`` does the same without the checks.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from delivery import interruptible, terraform_log
from delivery.handover import undelivered
from delivery.recovery import advice
from delivery.recovery.error import RecoveryError
from environments import catalogue
from environments.rules import SettingsError
from environments.settings import Environment
from environments.shared import SHARED
from modules.cloud_selection import CloudError, local_endpoint
from modules.names import InvalidNameError, Names

PROJECT = Path(__file__).parent.parent
_CLIENT = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
# A state that somebody else is changing is waited for a little before the run gives up.
WAIT_FOR_LOCK = "-lock-timeout=20s"
INTERRUPTED = 130


def synthesized() -> Path:
    """The folder of the synthesized stacks."""
    return PROJECT / os.environ.get("CDKTF_OUTPUT", "cdktf.out") / "stacks"


class NotReadyError(Exception):
    """Something that every run needs is missing; the message says what, and what to do."""


def check(action: str, environment: Environment) -> None:
    """Raise NotReadyError unless these credentials are the account's and the state bucket is reachable.

    A protected environment is never destroyed from here, and nothing that Argo CD delivers is made twice.
    """
    if action == "destroy" and environment.protected:
        raise NotReadyError(
            f"{environment.name} is protected (environments/{environment.name}.py) and is not destroyed; "
            "its data-bearing resources carry prevent_destroy as well"
        )
    endpoint = local_endpoint()
    try:
        session = boto3.Session(region_name=SHARED.region)
        identity = session.client("sts", config=_CLIENT).get_caller_identity()
    # ValueError: an endpoint, a number of attempts or another variable of AWS's clients that cannot be read.
    except (BotoCoreError, ClientError, ValueError) as error:
        hint = "is the local cloud up? make local-status" if endpoint else "sign in to AWS, such as: aws sso login"
        raise NotReadyError(f"no answer to whose AWS credentials these are ({error}); {hint}") from None
    if identity["Account"] != SHARED.account:
        raise NotReadyError(
            f"these AWS credentials are of account {identity['Account']} ({identity['Arn']}); "
            f"allowed: account {SHARED.account} (environments/shared.py)"
        )
    bucket = Names.of(environment, SHARED).state_bucket
    try:
        session.client("s3", config=_CLIENT).head_bucket(Bucket=bucket)
    except (BotoCoreError, ClientError) as error:
        raise NotReadyError(
            f"the state bucket {bucket} of {environment.name} cannot be reached ({error}); "
            "it must exist, and these credentials be allowed to use it, before anything is deployed"
        ) from None
    if action != "destroy" and (problem := undelivered(environment)):
        raise NotReadyError(problem)


def run(action: str, environment: Environment, *, auto_approve: bool) -> int:
    """Run cdktf and return its exit code. After Ctrl-C Terraform finishes what it is at, and is waited for."""
    command = [str(PROJECT / "node_modules" / ".bin" / "cdktf"), action, environment.name]
    if auto_approve and action != "plan":
        command.append("--auto-approve")
    if said := terraform_log.notice(os.environ):
        print(said, file=sys.stderr)
    variables = {
        **terraform_log.without_values(os.environ),
        "CHECKPOINT_DISABLE": "1",
        "MOSAIC_ENVIRONMENT": environment.name,  # main.py then makes no other stack
        **{f"TF_CLI_ARGS_{command}": WAIT_FOR_LOCK for command in ("plan", "apply", "destroy")},
    }
    if not Path(command[0]).exists():
        print(f"error: {command[0]} does not exist; install it: make setup", file=sys.stderr)
        return 2
    code, interrupted = interruptible.run(
        command,
        folder=PROJECT,
        variables=variables,
        said=f"{action} {environment.name}: stopping after what is under way",
    )
    if interrupted:
        print(f"{action} {environment.name}: interrupted; run it again to go on", file=sys.stderr)
        return INTERRUPTED
    return code if code >= 0 else 128 - code


def advise(lines: Iterator[str]) -> None:
    """Print what to do, as far as the state bucket answers."""
    try:
        for line in lines:
            print(f"note: {line}", file=sys.stderr, flush=True)
    except (BotoCoreError, ClientError, RecoveryError) as error:
        print(f"note: whether the state is locked cannot be seen: {error}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, check, run."""
    parser = argparse.ArgumentParser(prog="python -m delivery.run", description=__doc__)
    parser.add_argument("action", choices=["plan", "deploy", "destroy"])
    parser.add_argument("environment")
    parser.add_argument("--auto-approve", action="store_true")
    options = parser.parse_args(arguments)
    try:
        environment = catalogue.find(options.environment)
        check(options.action, environment)
    except (SettingsError, InvalidNameError, CloudError, NotReadyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    s3 = boto3.Session(region_name=SHARED.region).client("s3", config=_CLIENT)
    names = Names.of(environment, SHARED)
    advise(advice.before(s3, environment.name, names))
    code = run(options.action, environment, auto_approve=options.auto_approve)
    if code not in (0, INTERRUPTED):
        advise(advice.after_failure(s3, environment.name, names, synthesized() / environment.name))
    return code


if __name__ == "__main__":
    sys.exit(main())

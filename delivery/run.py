"""Runs the cdktf command line for one environment, after checking what would otherwise fail half-way.

``python -m delivery.run plan|deploy|destroy ENVIRONMENT [--auto-approve]``; exit code 2 for input that cannot work,
1 for a failed run. Plain ``npx cdktf deploy ENVIRONMENT`` does the same without the checks.
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from environments import catalogue
from environments.rules import SettingsError
from environments.settings import Environment
from environments.shared import SHARED
from modules.cloud_selection import CloudError, local_endpoint
from modules.names import InvalidNameError, Names

PROJECT = Path(__file__).parent.parent
_CLIENT = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
# A state that somebody else is changing is waited for a little before the run gives up.
_WAIT_FOR_LOCK = "-lock-timeout=20s"


class NotReadyError(Exception):
    """Something that every run needs is missing; the message says what, and what to do."""


def check(action: str, environment: Environment) -> None:
    """Raise NotReadyError unless these credentials are the account's and the state bucket is reachable.

    A protected environment is never destroyed from here.
    """
    if action == "destroy" and environment.protected:
        raise NotReadyError(
            f"{environment.name} is protected (environments/{environment.name}.py) and is not destroyed; "
            "its data-bearing resources carry prevent_destroy as well"
        )
    endpoint = local_endpoint()
    session = boto3.Session(region_name=SHARED.region)
    try:
        identity = session.client("sts", config=_CLIENT).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
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


def run(action: str, environment: Environment, *, auto_approve: bool) -> int:
    """Run cdktf and return its exit code. After Ctrl-C Terraform finishes what it is at, and is waited for."""
    command = [str(PROJECT / "node_modules" / ".bin" / "cdktf"), action, environment.name]
    if auto_approve and action != "plan":
        command.append("--auto-approve")
    variables = {
        **os.environ,
        "CHECKPOINT_DISABLE": "1",
        "MOSAIC_ENVIRONMENT": environment.name,  # main.py then makes no other stack
        **{f"TF_CLI_ARGS_{command}": _WAIT_FOR_LOCK for command in ("plan", "apply", "destroy")},
    }
    with subprocess.Popen(command, cwd=PROJECT, env=variables) as process:
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                # The terminal sent SIGINT to the whole process group: Terraform knows already.
                print(f"\n{action} {environment.name}: stopping after what is under way", file=sys.stderr)
    if code in (-signal.SIGINT, 128 + signal.SIGINT):
        print(f"{action} {environment.name}: interrupted; run it again to go on", file=sys.stderr)
    return code if code >= 0 else 128 - code


def main() -> int:
    """Parse the command line, check, run."""
    parser = argparse.ArgumentParser(prog="python -m delivery.run", description=__doc__)
    parser.add_argument("action", choices=["plan", "deploy", "destroy"])
    parser.add_argument("environment")
    parser.add_argument("--auto-approve", action="store_true")
    arguments = parser.parse_args()
    try:
        environment = catalogue.find(arguments.environment)
        check(arguments.action, environment)
    except (SettingsError, InvalidNameError, CloudError, NotReadyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return run(arguments.action, environment, auto_approve=arguments.auto_approve)


if __name__ == "__main__":
    sys.exit(main())

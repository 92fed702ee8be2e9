"""Deploy an environment, or the bootstrap stack, which makes what every environment needs.

Checks first what would otherwise fail half-way, by the quick part of ``doctor``, then runs ``cdktf deploy``. Plain
``npx cdktf deploy ENVIRONMENT`` does the same without the checks. ``deploy bootstrap ENVIRONMENT`` deploys both, one
after the other as long as the environment has no state bucket. Exit code 0: deployed; 1: it failed; 2: input that
cannot work, or something in the way.
"""

import argparse
import sys
from collections.abc import Sequence

import boto3

from delivery.doctor.quick import stop_if_anything_is_in_the_way
from delivery.preflight.out_of_band_changes import Purpose
from delivery.preflight.readiness import NotReadyError, check, check_approval, check_bootstrap, heal, prepare_bootstrap
from delivery.preflight.stack_selection import StackSelection
from delivery.recovery import advised_run
from delivery.terraform import cdktf
from environments.schema.rules import SettingsError
from environments.schema.settings import BOOTSTRAP
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, check, deploy."""
    parser = argparse.ArgumentParser(prog="python -m delivery deploy", description=__doc__)
    parser.add_argument("stacks", nargs="+", metavar="environment", help="or bootstrap, or bootstrap and one of them")
    parser.add_argument("--auto-approve", action="store_true", help="do not ask before anything is changed")
    options = parser.parse_args(arguments)
    try:
        chosen = StackSelection.of("deploy", options.stacks)
        if chosen.bootstrap:
            session = check_bootstrap("deploy")
            check_approval("deploy", options.stacks, auto_approve=options.auto_approve)
            stop_if_anything_is_in_the_way(None)
            code, is_done = _deploy_bootstrap(session, chosen, auto_approve=options.auto_approve)
            if code or is_done:
                return code
        environment = chosen.environment
        assert environment is not None  # noqa: S101 without it there is bootstrap alone, which is done
        check("deploy", environment)
        check_approval("deploy", options.stacks, auto_approve=options.auto_approve)
        stop_if_anything_is_in_the_way(environment)
        healing = heal(Purpose.DEPLOY, environment)
    except (SettingsError, InvalidNameError, CloudError, NotReadyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return advised_run.run("deploy", environment, auto_approve=options.auto_approve, arguments=healing)


def _deploy_bootstrap(session: boto3.Session, chosen: StackSelection, *, auto_approve: bool) -> tuple[int, bool]:
    """Deploy the bootstrap stack; return the exit code, and whether the environment, if any, was deployed with it."""
    environment, stacks = chosen.environment, [BOOTSTRAP]
    healing: tuple[str, ...] = ()
    if prepare_bootstrap(session, environment) and environment:
        check("deploy", environment)
        stop_if_anything_is_in_the_way(environment)
        # Two stacks of one run of cdktf share one synthesis, and Terraform's arguments: an address that a stack does
        # not have is not replaced in it.
        stacks, healing = [BOOTSTRAP, environment.name], heal(Purpose.DEPLOY, environment)
    code = cdktf.run("deploy", stacks, auto_approve=auto_approve, arguments=healing)
    return code, environment is None or len(stacks) > 1

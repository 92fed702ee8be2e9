"""Deploy an environment, or the bootstrap stack, which creates what every environment needs.

First checks, with the quick facts of ``doctor``, what would otherwise fail halfway, then runs ``cdktf deploy``. Plain
``npx cdktf deploy ENVIRONMENT`` does the same without the checks. After the bootstrap stack, it hands over the existing
objects of each environment's database to the roles that bootstrap created; plain cdktf does not. ``deploy bootstrap
ENVIRONMENT`` deploys both in turn. Exit code 0: deployed; 1: the deploy failed; 2: invalid input, or something is in
the way.
"""

import argparse
import sys
from collections.abc import Sequence

from delivery.account.target import Target
from delivery.adoption.database_handover import DatabaseHandover
from delivery.adoption.error import AdoptionError
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
from modules.model.selected_settings import SETTINGS, SHARED


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, check, deploy."""
    parser = argparse.ArgumentParser(prog="python -m delivery deploy", description=__doc__)
    parser.add_argument("stacks", nargs="+", metavar="environment", help="an environment, bootstrap, or both")
    parser.add_argument("--auto-approve", action="store_true", help="deploy without asking")
    options = parser.parse_args(arguments)
    try:
        chosen = StackSelection.of("deploy", options.stacks)
        if chosen.bootstrap:
            session = check_bootstrap("deploy")
            check_approval("deploy", options.stacks, auto_approve=options.auto_approve)
            stop_if_anything_is_in_the_way(None)
            prepare_bootstrap(session)
            code = cdktf.run("deploy", BOOTSTRAP, auto_approve=options.auto_approve) or _hand_over()
            if code or chosen.environment is None:
                return code
        environment = chosen.environment
        assert environment is not None  # noqa: S101 without it there is bootstrap alone, which is done
        check("deploy", environment)
        check_approval("deploy", options.stacks, auto_approve=options.auto_approve)
        stop_if_anything_is_in_the_way(environment)
        heal(Purpose.DEPLOY, environment)
    except (SettingsError, InvalidNameError, CloudError, NotReadyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return advised_run.run("deploy", environment, auto_approve=options.auto_approve)


def _hand_over() -> int:
    """Hand over the existing objects of each environment's database; return the exit code."""
    step, code = DatabaseHandover(), 0
    # Previews need no hand-over: these roles created everything in them.
    for environment in SETTINGS.lasting():
        target = Target.of(environment, SHARED)
        try:
            lines = step.changes(target)
            if lines:
                step.apply(target)
        except AdoptionError as error:
            print(f"error: {environment.name}: {target.redaction.clean_line(str(error))}", file=sys.stderr)
            code = 1
            continue
        for line in lines:
            print(f"{environment.name}: {step.title}: done: {line}", flush=True)
    return code

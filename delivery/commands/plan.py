"""Show what a deploy would change.

First checks what would otherwise fail halfway, then runs ``cdktf plan``. Exit code 0: planned; 1: planning failed; 2:
invalid input.
"""

import argparse
import sys
from collections.abc import Sequence

from delivery.preflight.out_of_band_changes import Purpose
from delivery.preflight.readiness import NotReadyError, check, check_bootstrap, heal
from delivery.preflight.stack_selection import StackSelection
from delivery.recovery import advised_run
from delivery.terraform import cdktf
from environments.schema.rules import SettingsError
from environments.schema.settings import BOOTSTRAP
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, check, plan."""
    parser = argparse.ArgumentParser(prog="python -m delivery plan", description=__doc__)
    parser.add_argument("stacks", nargs="+", metavar="environment", help="an environment, or bootstrap")
    options = parser.parse_args(arguments)
    try:
        environment = StackSelection.of("plan", options.stacks).environment
        if environment is None:
            check_bootstrap("plan")
            return cdktf.run("plan", BOOTSTRAP)
        check("plan", environment)
        heal(Purpose.PLAN, environment)
    except (SettingsError, InvalidNameError, CloudError, NotReadyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return advised_run.run("plan", environment)

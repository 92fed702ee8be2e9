"""Destroy an environment, unless it is protected.

First checks what would otherwise fail halfway, then runs ``cdktf destroy``. Exit code 0: destroyed; 1: it failed; 2:
invalid input.
"""

import argparse
import sys
from collections.abc import Sequence

from delivery.preflight.readiness import NotReadyError, check, check_approval, check_bootstrap
from delivery.preflight.stack_selection import StackSelection
from delivery.recovery import advised_run
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, check, destroy."""
    parser = argparse.ArgumentParser(prog="python -m delivery destroy", description=__doc__)
    parser.add_argument("stacks", nargs="+", metavar="environment")
    parser.add_argument("--auto-approve", action="store_true", help="destroy without asking")
    options = parser.parse_args(arguments)
    try:
        environment = StackSelection.of("destroy", options.stacks).environment
        if environment is None:
            check_bootstrap("destroy")
        assert environment is not None  # noqa: S101 the check of the bootstrap stack refuses
        check("destroy", environment)
        check_approval("destroy", options.stacks, auto_approve=options.auto_approve)
    except (SettingsError, InvalidNameError, CloudError, NotReadyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return advised_run.run("destroy", environment, auto_approve=options.auto_approve)

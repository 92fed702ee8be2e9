"""Try the ways out of CDKTF, each against a deployed staging: ``python -m tools.exits``.

Starts its own local cloud and deploys staging on it with CDKTF and Terraform; each exit must then find nothing to
change. Prints each step with its time. Exit code 1: an exit does not work; the message says why.
"""

import argparse
import sys
from collections.abc import Sequence

from local.runtime.errors import LocalCloudError
from tools.exits import fork, other_terraform
from tools.exits.error import ExitError
from tools.exits.staging import deployed_staging
from tools.exits.steps import step


def main(arguments: Sequence[str] | None = None) -> int:
    """Try every exit and return the exit code."""
    argparse.ArgumentParser(prog="python -m tools.exits", description=__doc__).parse_args(arguments)
    try:
        with step("exits: all of it"), deployed_staging() as cloud:
            fork.take(cloud)
            other_terraform.take_opentofu(cloud)
            # Last, because it reads the state that OpenTofu wrote.
            other_terraform.take_terraform(cloud)
    except (ExitError, LocalCloudError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("exits: interrupted", file=sys.stderr)
        return 130
    print("exits: all three work")
    return 0


if __name__ == "__main__":
    sys.exit(main())

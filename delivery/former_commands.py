"""Points users of the previous release's programs, each a module of delivery, to this release's commands.

To be deleted with the next release.
"""

import sys
from collections.abc import Sequence

_COMMANDS = {
    "delivery.run": "plan|deploy|destroy",
    "delivery.verify": "verify",
    "delivery.recover": "recover",
    "delivery.plan_file": "save-plan",
    "delivery.plan_guard": "guard",
    "delivery.plan_comment": "comment",
    "delivery.plan_post": "post-comment",
    "delivery.deploy_reviewed": "deploy-reviewed",
    "delivery.drift": "drift",
    "delivery.gitops": "gitops",
    "delivery.rehearse": "rehearse",
    "delivery.environment_matrix": "environments",
    "delivery.database_tunnel": "tunnel",
}


def refuse(command_line: Sequence[str]) -> None:
    """Exit with code 2 if the interpreter was started for one of these programs. command_line: ``sys.orig_argv``.

    Python imports the package before it looks for the program in it, so the package can intercept the call.
    """
    words = list(command_line)
    program = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    if program in _COMMANDS:
        print(f"error: {program} is gone; allowed: python -m delivery {_COMMANDS[program]}", file=sys.stderr)
        sys.exit(2)

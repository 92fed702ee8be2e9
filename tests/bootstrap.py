"""Prepares the test session's cloud as ``make local`` prepares the developer's."""

import subprocess
import sys
from collections.abc import Mapping

from modules.model.project import ROOT


def bootstrap(variables: Mapping[str, str]) -> None:
    """Deploy the bootstrap stack on the cloud of these variables; fails with what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "delivery", "deploy", "bootstrap", "--auto-approve"],
        cwd=ROOT,
        env=dict(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"bootstrap ended with {done.returncode}\n{done.stdout[-8000:]}"

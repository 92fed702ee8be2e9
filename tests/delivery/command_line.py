"""Runs the commands of delivery, with nothing of the caller's clouds."""

import subprocess
import sys

from modules.model.project import ROOT

# A loopback address that nothing listens on.
NOWHERE = "http://127.0.0.1:1"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_EC2_METADATA_DISABLED": "true"}


def run_command(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m delivery WORD ...`` with these variables only."""
    return subprocess.run(
        [sys.executable, "-m", "delivery", *words],
        cwd=ROOT,
        env={"PATH": "", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", **variables},
        capture_output=True,
        text=True,
        check=False,
    )

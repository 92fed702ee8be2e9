"""A local cloud with staging, deployed by CDKTF and Terraform; the exits are tested on it."""

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.runtime.paths import STATE_VARIABLE
from modules.model.cloud_selection import ACCOUNT_VARIABLE
from modules.model.project import ROOT
from tools.exits.steps import run, step

STAGING = "staging"
# Variables that select a cloud, an environment, or another Terraform. The caller's cache and provider mirror stay.
_CHOICES = (
    "AWS_",
    "CDKTF_",
    "KUBE",
    "PG",
    "TERRAFORM_",
    "TF_",
    "MOSAIC_BINDINGS",
    "MOSAIC_CLOUD",
    "MOSAIC_ENVIRONMENT",
)
_CALLERS = (*_CHOICES, "MOSAIC_LOCAL", "MOSAIC_SETTINGS")


def callers_variables() -> dict[str, str]:
    """Return this process's variables, except those that select a cloud, an environment or another Terraform."""
    # Each synth starts Node.js, and jsii would warn that this version is past its end of life.
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20", "CI": "true", "CHECKPOINT_DISABLE": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_CALLERS)}
    return {**kept, **quiet}


@contextmanager
def deployed_staging() -> Iterator[dict[str, str]]:
    """Start the cloud and deploy; yield the variables that make every program use it. Raises ExitError."""
    # Outside the checkout, where PostgreSQL's user can reach it. A socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="mosaic-exits-"))
    folder.chmod(0o711)
    # In this account staging is new, so nothing is adopted before the deploy.
    variables = {**callers_variables(), STATE_VARIABLE: str(folder), ACCOUNT_VARIABLE: "designed"}
    try:
        with step("local cloud: start"):
            python("-m", "local", "up", STAGING, variables=variables)
            variables |= _exported(python("-m", "local", "env", variables=variables))
        with step("local cloud: deploy bootstrap and staging"):
            for stack in ("bootstrap", STAGING):
                python("-m", "delivery", "deploy", stack, "--auto-approve", variables=variables)
        yield variables
    finally:
        python("-m", "local", "reset", variables=variables)
        shutil.rmtree(folder)


def python(*words: str, variables: Mapping[str, str]) -> str:
    """Run the project's Python in the checkout and return its output. Raises ExitError."""
    return run((sys.executable, *words), folder=ROOT, variables=variables)


def _exported(script: str) -> dict[str, str]:
    """Return the variables set by a shell script of ``export NAME=VALUE`` lines."""
    words = [shlex.split(line) for line in script.splitlines()]
    pairs = [row[1].partition("=") for row in words if row[:1] == ["export"]]
    return {name: value for name, _, value in pairs}

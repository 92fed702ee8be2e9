"""The program that runs as Terraform: HashiCorp's own, or OpenTofu (docs/exits.md).

``TERRAFORM_BINARY_NAME`` is its name or path; cdktf reads the same variable.
"""

import os
import shutil
from pathlib import PurePath

VARIABLE = "TERRAFORM_BINARY_NAME"
_TERRAFORM = "terraform"
# Another shell may have started its process with another setting.
_PROCESSES = frozenset({_TERRAFORM, "tofu"})


def name() -> str:
    """The program's name or path."""
    # cdktf also treats an empty variable as unset.
    return os.environ.get(VARIABLE) or _TERRAFORM


def is_process(process: str) -> bool:
    """Whether a process of this name is Terraform or OpenTofu."""
    return process in _PROCESSES or process == PurePath(name()).name


def problem() -> str | None:
    """What is wrong with the variable; None if nothing is."""
    given = os.environ.get(VARIABLE)
    if not given or shutil.which(given):
        return None
    return (
        f"{VARIABLE} is {given!r}, which cannot be run; allowed: the name or the absolute path of Terraform or "
        "OpenTofu, or unset for terraform"
    )

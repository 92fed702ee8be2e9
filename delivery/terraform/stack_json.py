"""Locates and reads a synthesized stack's configuration."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.model.project import ROOT

FILE = "cdk.tf.json"


class StackError(ValueError):
    """A synthesized configuration cannot be used; the message names it and says what is allowed."""


def stacks_folder() -> Path:
    """The folder of all stacks, below CDKTF_OUTPUT as for the cdktf command line; cdktf.out by default."""
    return ROOT / os.environ.get("CDKTF_OUTPUT", "cdktf.out") / "stacks"


def read_stack(path: Path) -> Mapping[str, Any]:
    """Read a stack's configuration. path: its cdk.tf.json. Raises StackError."""
    try:
        stack = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StackError(f"{path}: the stack cannot be read ({error}); run `npx cdktf synth` first") from None
    if not isinstance(stack, dict) or "terraform" not in stack:
        raise StackError(f"{path}: not a synthesized stack; allowed: the {FILE} that `npx cdktf synth` writes")
    return stack

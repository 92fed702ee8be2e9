"""Runs a command of this project in its own process, since a process reads settings when it starts."""

import sys
from collections.abc import Callable, Mapping, Sequence

from delivery.terraform import process
from modules.model.project import ROOT

Run = Callable[[Sequence[str], Mapping[str, str]], int]


def run(words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run ``python -m delivery WORD ...`` with these variables added to our own, and return its exit code.

    Raises KeyboardInterrupt after the command has ended on Ctrl-C or a CI system's SIGTERM.
    """
    code, interrupted = process.run(
        [sys.executable, "-m", "delivery", *words],
        folder=ROOT,
        variables=variables,
        said=f"{' '.join(words[:2])}: stopping after the operations in progress",
    )
    if interrupted:
        raise KeyboardInterrupt
    return code

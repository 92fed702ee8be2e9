"""Runs the steps of an exit and the programs in them; prints one line with the time per step."""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.exits.error import ExitError

_LINES = 40


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print the step's name, elapsed time and CPU time when it is done."""
    wall, processor = time.monotonic(), _processor_seconds()
    yield
    took, used = time.monotonic() - wall, _processor_seconds() - processor
    print(f"{name:<72} {took:7.1f} s {used:7.1f} s CPU", flush=True)


def run(command: Sequence[str | Path], *, folder: Path, variables: Mapping[str, str]) -> str:
    """Run a program with these variables only and return its output. Raises ExitError if it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        print(*done.stdout.splitlines()[-_LINES:], sep="\n", file=sys.stderr)
        raise ExitError(f"{' '.join(map(str, command))} ended with {done.returncode}")
    return done.stdout


def _processor_seconds() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)

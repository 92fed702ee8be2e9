"""The scanners as programs: those of Python in an environment of their own, which `make scan` installs."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.scan.finding import ScanError

FOLDER = Path(__file__).parent
_PROGRAMS = FOLDER / ".venv" / "bin"
_MESSAGE_LENGTH = 2000


def python_program(name: str) -> str:
    """The path of one of the Pipfile's programs. Raises ScanError where it is not installed."""
    path = _PROGRAMS / name
    if not path.exists():
        raise ScanError(f"{name} is not installed; run: make scan")
    return str(path)


def output(command: Sequence[str], folder: Path, codes: Sequence[int], failure: str | None = None) -> str:
    """What the program prints.

    codes: exit codes that mean that it did its work; ScanError is raised for any other. failure: what it says on
    standard error where it went on without a part of its work; ScanError is raised for that too.
    """
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8", errors="replace"
    )
    if done.returncode not in codes or (failure and failure in done.stderr):
        said = (done.stderr or done.stdout).strip()[-_MESSAGE_LENGTH:]
        raise ScanError(f"{' '.join(command[:4])} ended with {done.returncode}: {said}")
    return done.stdout

"""Runs the scanners. The Python ones have their own virtual environment, which `make scan` installs."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.scan.finding import ScanError

FOLDER = Path(__file__).parent
_PROGRAMS = FOLDER / ".venv" / "bin"
_MESSAGE_LENGTH = 2000


def python_program(name: str) -> str:
    """Return the path of one of the Pipfile's programs. Raises ScanError if it is not installed."""
    path = _PROGRAMS / name
    if not path.exists():
        raise ScanError(f"{name} is not installed; run: make scan")
    return str(path)


def output(command: Sequence[str], folder: Path, codes: Sequence[int], failure: str | None = None) -> str:
    """Run a program and return its output.

    codes: exit codes of success; any other raises ScanError. failure: a message on standard error that means it skipped
    part of its work; that raises ScanError too.
    """
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8", errors="replace"
    )
    if done.returncode not in codes or (failure and failure in done.stderr):
        said = (done.stderr or done.stdout).strip()[-_MESSAGE_LENGTH:]
        raise ScanError(f"{' '.join(command[:4])} ended with {done.returncode}: {said}")
    return done.stdout

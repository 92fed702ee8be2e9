"""Starts Terraform and cdktf; nothing else does.

Ctrl-C, or a CI system's SIGTERM, lets Terraform finish what it is at and store its state.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

import psutil

from delivery.terraform import log_level

_QUIET = {"CHECKPOINT_DISABLE": "1", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
# A saved plan holds every value in clear: what these programs write is for the caller alone.
_UMASK = 0o077


def run(
    command: Sequence[str],
    *,
    folder: Path,
    said: str,
    variables: Mapping[str, str] | None = None,
    output: Callable[[str], None] | None = None,
) -> tuple[int, bool]:
    """Run the command in a folder; return its exit code, negative for a signal, and whether it was interrupted.

    said: what is told on standard error when it is. variables: more than this process's own. output: gets each line
    that the command prints, as it comes; None: it prints where this process does.

    cdktf 0.21 keeps Terraform in a terminal of its own and ends at SIGINT; Terraform then dies by the loss of that
    terminal, its lock stays and its last changes are not in the state. So the signal does not go to cdktf but to
    Terraform, whose orderly end cdktf sees. A second Ctrl-C makes Terraform end at once, as ever.
    """
    process: subprocess.Popen[str] | None = None
    interrupted = forwarded = False

    def forward() -> None:
        nonlocal forwarded
        if process is not None:
            forwarded = True
            _interrupt(process.pid)

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        # CI systems send SIGTERM some seconds after SIGINT: Terraform would take it for the second Ctrl-C.
        if interrupted and number == signal.SIGTERM:
            return
        interrupted = True
        print(f"\n{said}", file=sys.stderr, flush=True)
        forward()

    # Before the process begins: a signal between its begin and a later handler would leave it alone and waited for.
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # A session of its own: the terminal's Ctrl-C reaches this process alone.
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(variables),
            start_new_session=True,
            stdout=None if output is None else subprocess.PIPE,
            stderr=None if output is None else subprocess.STDOUT,
            text=True,
            errors="replace",
            umask=_UMASK,
            encoding="utf-8",
        )
        with process:
            if interrupted and not forwarded:
                forward()
            for line in process.stdout or ():
                (output or print)(line)
            return process.wait(), interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def capture(
    command: Sequence[str], *, folder: Path, variables: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Run a command that changes nothing; return its exit code, its standard output and its standard error."""
    environment = _environment(variables)
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        umask=_UMASK,
        encoding="utf-8",
    )
    return done.returncode, done.stdout, done.stderr


def _environment(variables: Mapping[str, str] | None) -> dict[str, str]:
    inherited = log_level.without_values(os.environ)
    # The Kubernetes provider runs `aws`, which is installed and pinned beside this Python; an activated shell has both.
    path = os.pathsep.join([*filter(None, [inherited.get("PATH", os.defpath)]), str(Path(sys.executable).parent)])
    return {**inherited, "PATH": path, **_QUIET, **(variables or {})}


def _interrupt(pid: int) -> None:
    try:
        family = psutil.Process(pid).children(recursive=True)
        terraforms = [child for child in family if child.name() == "terraform"]
        for terraform in terraforms:
            terraform.send_signal(signal.SIGINT)
        if not terraforms:
            os.killpg(pid, signal.SIGINT)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return

"""Starts Terraform and cdktf; nothing else does.

On Ctrl-C, or a CI system's SIGTERM, Terraform finishes its current work and stores its state.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

import psutil

from delivery.terraform import log_level, program

_QUIET = {"CHECKPOINT_DISABLE": "1", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
# A saved plan holds every value in clear text: only the caller may read what these programs write.
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

    said: printed to standard error on interruption. variables: in addition to this process's own. output: receives each
    line as the command prints it; None: the command prints where this process does.

    cdktf 0.21 runs Terraform in a terminal of its own and ends on SIGINT; Terraform then dies because it loses that
    terminal, its lock stays and its last changes are missing from the state. So the signal goes to Terraform, not to
    cdktf, which then sees Terraform end in order. A second Ctrl-C makes Terraform end at once, as usual.
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

    # Before the process starts: a signal between its start and a later handler would not reach it.
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # A session of its own, so that the terminal's Ctrl-C reaches only this process.
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
    # The Kubernetes provider runs `aws`, installed and pinned beside this Python; an activated shell has both on PATH.
    path = os.pathsep.join([*filter(None, [inherited.get("PATH", os.defpath)]), str(Path(sys.executable).parent)])
    return {**inherited, "PATH": path, **_QUIET, **(variables or {})}


def _interrupt(pid: int) -> None:
    try:
        family = psutil.Process(pid).children(recursive=True)
        terraforms = [child for child in family if program.is_process(child.name())]
        for terraform in terraforms:
            terraform.send_signal(signal.SIGINT)
        if not terraforms:
            os.killpg(pid, signal.SIGINT)
    except (psutil.NoSuchProcess, ProcessLookupError):
        return

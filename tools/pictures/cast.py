"""A recording of a command: each printed line with its time.

The file is an asciicast, version 2 (https://docs.asciinema.org/manual/asciicast/v2/), which ``asciinema play`` plays.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# The size of the terminal, in characters.
WIDTH, HEIGHT = 110, 26
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Terraform's output for a stack, and the parts of it that report a finished action.
_OF_A_STACK = re.compile(r"^(?:bootstrap|staging)  |^ {4,}|^ *(?:staging)?$")
_DONE = re.compile(r"(?:Creation|Modifications|Destruction|Import) complete|Plan: \d|Apply complete!")
# A shorter gap is not mentioned.
_LONG_GAP = 20

Line = tuple[float, str]


class CastError(Exception):
    """A command failed, or a file is not a recording; the message says which, and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Cast:
    """A recording.

    command: as typed. machine: what it ran on, in words. seconds: its duration. lines: seconds since the start and a
    line without its end, in order. inputs: the digest of what the recording shows (tools/pictures/inputs.py).
    """

    command: str
    machine: str
    seconds: float
    lines: Sequence[Line]
    inputs: str

    def as_text(self) -> str:
        """The file's content."""
        header = {
            "version": 2,
            "width": WIDTH,
            "height": HEIGHT,
            "duration": round(self.seconds, 1),
            "command": self.command,
            "machine": self.machine,
            "inputs": self.inputs,
        }
        events = [[round(seconds, 1), "o", f"{line}\r\n"] for seconds, line in self.lines]
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in (header, *events))

    @classmethod
    def parse(cls, content: str) -> "Cast":
        """Read a file's content. Raises CastError."""
        try:
            header, *events = map(json.loads, content.splitlines())
            cast = cls(
                command=header["command"],
                machine=header["machine"],
                seconds=float(header["duration"]),
                lines=[(float(seconds), str(line).removesuffix("\r\n")) for seconds, _, line in events],
                inputs=header["inputs"],
            )
        except (ValueError, LookupError, TypeError) as error:
            raise CastError(
                f"no recording: {type(error).__name__}: {error}; allowed: what `make pictures` writes"
            ) from None
        if not cast.lines:
            raise CastError("a recording without a line; allowed: what `make pictures` writes")
        return cast


def record(
    command: Sequence[str], *, folder: Path, variables: Mapping[str, str], hidden: Mapping[str, str], inputs: str
) -> Cast:
    """Run a command in a folder, show its output, and record it, shortened.

    The command prints into a pipe, as in CI: on a terminal cdktf draws a spinner ten times a second. hidden: patterns
    for machine-specific text, such as folders, with their replacements. Raises CastError if the command fails.
    """
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    began = time.monotonic()
    lines: list[Line] = []
    with subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        for printed in process.stdout or ():
            sys.stdout.write(printed)
            sys.stdout.flush()
            line = _COLOURS.sub("", printed.rstrip("\n"))
            for pattern, shown in hidden.items():
                line = re.sub(pattern, shown, line)
            lines.append((time.monotonic() - began, line))
    if process.returncode:
        raise CastError(f"{' '.join(command)} failed with exit code {process.returncode}; allowed: 0")
    return Cast(
        command=" ".join(command),
        machine=machine,
        seconds=time.monotonic() - began,
        lines=list(shortened(lines)),
        inputs=inputs,
    )


def shortened(lines: Sequence[Line]) -> Iterator[Line]:
    """Keep our own programs' lines, and Terraform's lines about finished actions, without ids.

    Terraform prints every attribute of a plan, thousands of lines. If many lines are left out, one line says how many.
    """
    left_out = 0
    for seconds, line in lines:
        if _OF_A_STACK.match(line) and not _DONE.search(line):
            left_out += 1
            continue
        if left_out >= _LONG_GAP:
            yield seconds, f"... {left_out:,} lines of Terraform's plan and progress"
        left_out = 0
        yield seconds, re.sub(r" \[id=.*\]$", "", line)

"""Extracts why a program failed from its output."""

import re

from delivery.report.markdown import printable, shortened

_ERROR = re.compile(r"\bError: ")
_LINES = 80
# A line can hold a whole file: Terraform quotes the line that it complains about.
_LINE = 400


def why_it_failed(output: str) -> str:
    """The output from its first error on, or its last lines if it names no error; at most 80 lines.

    output: from ``Mask.clean_log``, which removes terminal sequences.
    """
    lines = [printable(line.rstrip().replace("\t", "    ")) for line in output.splitlines()]
    first = next((index for index, line in enumerate(lines) if _ERROR.search(line)), None)
    shown = lines[-_LINES:] if first is None else lines[first : first + _LINES]
    return "\n".join(shortened(line, _LINE) for line in shown).strip("\n") or "(the log is empty)"

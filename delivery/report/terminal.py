"""What a program printed to a terminal, as plain text."""

import re

from delivery.report.markdown import printable, shortened

_ERROR = re.compile(r"\bError: ")
_LINES = 80
# A line can hold a whole file: Terraform quotes the one that it complains about.
_LINE = 400


def why_it_failed(output: str) -> str:
    """What the program said from its first error on, or its last lines where it named none; at most 80 lines.

    output: of ``Mask.clean_log``, which leaves out what only a terminal understands.
    """
    lines = [printable(line.rstrip().replace("\t", "    ")) for line in output.splitlines()]
    first = next((index for index, line in enumerate(lines) if _ERROR.search(line)), None)
    shown = lines[-_LINES:] if first is None else lines[first : first + _LINES]
    return "\n".join(shortened(line, _LINE) for line in shown).strip("\n") or "(the log is empty)"

"""What a program printed to a terminal, as plain text."""

import re

from delivery.markdown import printable

# Colours, cursor movements and window titles (ECMA-48 control sequences, xterm operating system commands).
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_LINES = 80
_CHARACTERS = 12_000


def readable_end(output: str) -> str:
    """The last lines, without control sequences; at most 80 of them and 12,000 characters."""
    lines = _SEQUENCE.sub("", output).splitlines()
    text = "\n".join(printable(line.rstrip().replace("\t", "    ")) for line in lines).strip("\n")
    end = "\n".join(text.splitlines()[-_LINES:])[-_CHARACTERS:]
    if not end:
        return "(the log is empty)"
    return end if len(end) == len(text) else f"… (the log's beginning is left out)\n{end}"

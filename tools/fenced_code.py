"""Reads the fenced code blocks of a Markdown page, each with the file it belongs to.

A line with only a file name in backticks and a colon names the file of the block below it. A ``diff`` block changes
that file; a block in any other language is the whole file, which the reader creates.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent> *)(?P<marks>`{3,}|~{3,})(?P<language>[\w-]*)[^`]*$")
_FILE = re.compile(r"^`(?P<file>[\w./-]+)`:$")


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block. line: number of its first line of code. file: changed or created by it; None if none is named."""

    line: int
    language: str
    file: str | None
    code: str

    @property
    def creates(self) -> str | None:
        """The file that the reader creates from this block."""
        return None if self.language == "diff" else self.file

    def changed(self, text: str) -> str:
        """Apply this ``diff`` to the file's text: its lines begin with a space, ``-`` or ``+``; ``@@`` ends a part.

        Raises ValueError unless each part's original lines occur in the text exactly once.
        """
        for part in re.split(r"^@@.*\n", self.code, flags=re.M):
            lines = part.splitlines(keepends=True)
            old = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
            new = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
            if (found := text.count(old)) != 1:
                raise ValueError(f"{self.file} has these lines {found} times; allowed: once\n{old}")
            text = text.replace(old, new)
        return text


def blocks(page: str) -> Iterator[Block]:
    """Every fenced block of a Markdown page, in order."""
    file: str | None = None
    lines = iter(enumerate(page.splitlines(), start=1))
    for number, line in lines:
        fence = _FENCE.match(line)
        if fence:
            code: list[str] = []
            for _, inner in lines:
                if inner.strip() == fence["marks"]:
                    break
                code.append(f"{inner.removeprefix(fence['indent'])}\n")
            yield Block(line=number + 1, language=fence["language"], file=file, code="".join(code))
        if line.strip():
            named = _FILE.match(line)
            file = named["file"] if named else None

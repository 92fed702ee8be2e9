"""Reads Terraform's log at TRACE, entry by entry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER = re.compile(r"\d{4}-\d\d-\d\dT\S+ \[[A-Z]+\]\s+(?P<speaker>\S+?):? ")
_VERSION = re.compile(r"_v[0-9.]+(_x5)?$")
_RESOURCE = re.compile(r"\btf_(?:resource|ephemeral_resource|data_source)_type=(\w+)")
_METHOD = re.compile(r"\brpc\.method=(\w+)")


@dataclass(frozen=True)
class Entry:
    """One log entry of Terraform or a provider."""

    speaker: str
    text: str

    @property
    def about(self) -> str:
        """Describe who logged it, and for which resource type and call, as far as the entry says so."""
        facts = (pattern.search(self.text) for pattern in (_RESOURCE, _METHOD))
        return " ".join([_VERSION.sub("", self.speaker), *(fact[1] for fact in facts if fact)])


def everything(log: Path) -> dict[str, str]:
    """Return the variables that make Terraform and its providers log everything they can into this file."""
    return {"TF_LOG_CORE": "TRACE", "TF_LOG_PROVIDER": "TRACE", "TF_LOG_PATH": str(log)}


def read(path: Path) -> Iterator[Entry]:
    """Yield the log's entries; a line without a header belongs to the entry before it."""
    speaker, lines = "", list[str]()
    for line in path.read_text(errors="replace").splitlines():
        if header := _HEADER.match(line):
            if lines:
                yield Entry(speaker, "\n".join(lines))
            speaker, lines = header["speaker"], []
        lines.append(line)
    yield Entry(speaker, "\n".join(lines))

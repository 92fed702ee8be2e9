"""The accepted scanner findings, by check and reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

import yaml

from tools.scan.finding import Finding

FILE = Path(__file__).with_name("exceptions.yaml")
_REQUIRED = {"scanner", "id", "places", "reason"}


class ExceptionsError(Exception):
    """The file is invalid; the message says where, what it found, and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Exceptions:
    """The rows of the file: a scanner, a check's id, shell patterns of places, and the reason."""

    rows: Sequence[dict[str, object]] = field(default_factory=list)

    @classmethod
    def read(cls, file: Path = FILE) -> Self:
        """Read the file. Raises ExceptionsError for a row with missing or unknown keys."""
        try:
            rows = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise ExceptionsError(f"{file.name} cannot be read: {error}") from None
        if not isinstance(rows, list):
            raise ExceptionsError(f"{file.name} holds {type(rows).__name__}; allowed: a list")
        for number, row in enumerate(rows, start=1):
            keys = set(row) if isinstance(row, dict) else set()
            if keys != _REQUIRED:
                raise ExceptionsError(f"{file.name}, row {number} has {sorted(keys)}; allowed: {sorted(_REQUIRED)}")
            places, reason = row["places"], row["reason"]
            if not (isinstance(places, list) and places and all(isinstance(place, str) for place in places)):
                raise ExceptionsError(f"{file.name}, row {number}: places {places!r}; allowed: a list of patterns")
            if not (isinstance(reason, str) and reason.strip()):
                raise ExceptionsError(f"{file.name}, row {number}: reason {reason!r}; allowed: non-empty text")
        return cls(rows=rows)

    def sort_out(self, findings: Sequence[Finding]) -> tuple[list[Finding], list[str]]:
        """Return the findings that no row accepts, and a line for each pattern that matches none."""
        left = set(findings)
        unused = []
        for row in self.rows:
            for place in _strings(row["places"]):
                excepted = {
                    finding
                    for finding in findings
                    if (finding.scanner, finding.id) == (row["scanner"], row["id"])
                    and fnmatchcase(finding.place, place)
                }
                left -= excepted
                if not excepted:
                    unused.append(f"{row['scanner']} {row['id']} {place}")
        return sorted(left), unused


def _strings(value: object) -> list[str]:
    assert isinstance(value, list)  # noqa: S101 read has checked it
    return value

"""Findings of the guard that a pull request's own text allows, each with a reason."""

import re
from dataclasses import dataclass
from pathlib import Path

from delivery.report.text_file import read_text

# The address of an override of all that a rule finds in an environment, for rules that admit it.
EVERYTHING = "*"
_MARK = "plan-guard:"
_LINE = re.compile(
    r"plan-guard: allow (?P<rule>[a-z-]+) (?P<environment>[a-z0-9-]+):(?P<address>\S.*?) because (?P<reason>\S.*)"
)
# Hidden from whoever reads the pull request, and where its template explains the form.
_HTML_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.S)


@dataclass(frozen=True, kw_only=True)
class Override:
    """One finding that is allowed: of this rule, in this environment, about this address."""

    rule: str
    environment: str
    address: str
    reason: str

    @property
    def line(self) -> str:
        """The line that says it."""
        return f"{_MARK} allow {self.rule} {self.environment}:{self.address} because {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What a text allows, and the lines that are meant to allow something but cannot be read."""

    allowed: tuple[Override, ...] = ()
    unreadable: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str | None) -> "Overrides":
        """Read ``plan-guard: allow RULE ENVIRONMENT:ADDRESS because REASON``, each on a line of its own.

        text: a pull request's description; GitHub has None for an empty one. HTML comments of it do not count.
        """
        lines = [line.strip() for line in _HTML_COMMENT.sub("", text or "").splitlines() if _MARK in line]
        matches = [(line, _LINE.fullmatch(line)) for line in lines]
        return cls(
            allowed=tuple(Override(**match.groupdict()) for _, match in matches if match),
            unreadable=tuple(line for line, match in matches if not match),
        )

    @classmethod
    def read(cls, path: Path | None) -> "Overrides":
        """Read a pull request's text from a file; without one there are no overrides. Raises TextFileError."""
        return cls.of(read_text(path, "the pull request's text")) if path else cls()

"""Findings of the guard that a pull request's own text allows, each with a reason."""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from delivery.policy.visible_lines import visible_lines
from delivery.report.text_file import read_text

# The address of an override for everything that a rule finds in an environment, if the rule supports it.
EVERYTHING = "*"
_MARK = "plan-guard:"
_LINE = re.compile(
    r"plan-guard: allow (?P<rule>[a-z-]+) (?P<environment>[a-z0-9-]+):(?P<address>\S.*?) because (?P<reason>\S.*)"
)
# The pull request template explains the form in such a comment; readers of the pull request do not see it.
_HTML_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.S)
# Letters and combining characters that render as nothing: the text after them is not what it seems.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
_INDENTED = re.compile(r"\s{4}")


@dataclass(frozen=True, kw_only=True)
class Override:
    """An allowed finding: of this rule, in this environment, at this address."""

    rule: str
    environment: str
    address: str
    reason: str

    @property
    def line(self) -> str:
        """The line that states the override."""
        return f"{_MARK} allow {self.rule} {self.environment}:{self.address} because {self.reason}"

    @property
    def digest(self) -> str:
        """The line's identifier in a comment's header: 32 hex digits."""
        return hashlib.sha256(self.line.encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """The overrides in a text, and the lines that were meant as overrides but cannot be read."""

    allowed: tuple[Override, ...] = ()
    unreadable: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str | None) -> "Overrides":
        """Read ``plan-guard: allow RULE ENVIRONMENT:ADDRESS because REASON``, each on a line of its own.

        text: a pull request's description; GitHub returns None for an empty one. A line counts only if every reader of
        the description sees it as written: ``visible_lines``. Lines in HTML comments are not even reported.
        """
        found = list(_read(text or ""))
        meant = [line.strip() for line in _HTML_COMMENT.sub("", text or "").splitlines() if _MARK in line]
        sources = {source for source, _ in found}
        return cls(
            allowed=tuple(override for _, override in found),
            unreadable=tuple(line for line in meant if not any(source in line for source in sources)),
        )

    def only(self, digests: Collection[str]) -> "Overrides":
        """Only the overrides with these digests; the others allow nothing."""
        return Overrides(
            allowed=tuple(row for row in self.allowed if row.digest in digests), unreadable=self.unreadable
        )

    @classmethod
    def read(cls, path: Path | None) -> "Overrides":
        """Read a pull request's text from a file; without a file there are no overrides. Raises TextFileError."""
        return cls.of(read_text(path, "the pull request's text")) if path else cls()


def _read(text: str) -> Iterator[tuple[str, Override]]:
    """Each line that is an override, as written, and what it allows."""
    for line in visible_lines(text):
        source, shown = line.source.strip(), line.text.strip()
        written, read = _LINE.fullmatch(source), _LINE.fullmatch(shown)
        if not written or not read or _INDENTED.match(line.source) or not _is_readable(source):
            continue
        # Markdown may change the reason: its reader judges the result. Everything else must be literal.
        if written.groups()[:3] == read.groups()[:3]:
            yield source, Override(**read.groupdict())


def _is_readable(line: str) -> bool:
    """Whether nothing in the line is invisible or changes the reading direction."""
    return line.isprintable() and not _BLANK.search(line)

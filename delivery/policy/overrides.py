"""Findings of the guard that a pull request's own text allows, each with a reason."""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from delivery.policy.visible_lines import visible_lines
from delivery.report.text_file import read_text

# The address of an override of all that a rule finds in an environment, for rules that admit it.
EVERYTHING = "*"
_MARK = "plan-guard:"
_LINE = re.compile(
    r"plan-guard: allow (?P<rule>[a-z-]+) (?P<environment>[a-z0-9-]+):(?P<address>\S.*?) because (?P<reason>\S.*)"
)
# Where the pull request template explains the form; nobody who reads the pull request sees it.
_HTML_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.S)
# Letters that are drawn as nothing, and accents that are: what follows them in a line is not what it seems.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
_INDENTED = re.compile(r"\s{4}")


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

    @property
    def digest(self) -> str:
        """What stands for the line in a comment's header: 32 hex digits."""
        return hashlib.sha256(self.line.encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What a text allows, and the lines that are meant to allow something but cannot be read."""

    allowed: tuple[Override, ...] = ()
    unreadable: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str | None) -> "Overrides":
        """Read ``plan-guard: allow RULE ENVIRONMENT:ADDRESS because REASON``, each on a line of its own.

        text: a pull request's description; GitHub has None for an empty one. A line counts where everybody who reads
        the description sees it as it is: ``visible_lines``. HTML comments are not even reported.
        """
        found = list(_read(text or ""))
        meant = [line.strip() for line in _HTML_COMMENT.sub("", text or "").splitlines() if _MARK in line]
        sources = {source for source, _ in found}
        return cls(
            allowed=tuple(override for _, override in found),
            unreadable=tuple(line for line in meant if not any(source in line for source in sources)),
        )

    def only(self, digests: Collection[str]) -> "Overrides":
        """Those of these digests alone; the others allow nothing."""
        return Overrides(
            allowed=tuple(row for row in self.allowed if row.digest in digests), unreadable=self.unreadable
        )

    @classmethod
    def read(cls, path: Path | None) -> "Overrides":
        """Read a pull request's text from a file; without one there are no overrides. Raises TextFileError."""
        return cls.of(read_text(path, "the pull request's text")) if path else cls()


def _read(text: str) -> Iterator[tuple[str, Override]]:
    """Each line that is an override, as it was written, and what it allows."""
    for line in visible_lines(text):
        source, shown = line.source.strip(), line.text.strip()
        written, read = _LINE.fullmatch(source), _LINE.fullmatch(shown)
        if not written or not read or _INDENTED.match(line.source) or not _is_readable(source):
            continue
        # Of the reason Markdown may make something: its reader judges what he sees. Whatever else is taken literally.
        if written.groups()[:3] == read.groups()[:3]:
            yield source, Override(**read.groupdict())


def _is_readable(line: str) -> bool:
    """Nothing in the line is invisible or changes the direction in which it is read."""
    return line.isprintable() and not _BLANK.search(line)

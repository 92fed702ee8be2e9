"""A scanner's finding about one object."""

from dataclasses import dataclass


class ScanError(Exception):
    """A scanner failed; the message is its output."""


@dataclass(frozen=True, order=True, kw_only=True)
class Finding:
    """One check's finding about one object.

    scanner: ``checkov``, ``kube-score`` or ``parliament``. id: of the check, as in the scanner's documentation. place:
    the stack and, after a slash, the object in it. words: for people.
    """

    scanner: str
    id: str
    place: str
    words: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.scanner} {self.id} {self.place}: {' '.join(self.words.split())}"

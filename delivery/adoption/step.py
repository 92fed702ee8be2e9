"""One change to existing resources that must precede their adoption by Terraform."""

from typing import Protocol

from delivery.account.target import Target


class Step(Protocol):
    """A step of ``python -m delivery adopt``: repeatable and atomic.

    title: its subject, for a heading.
    """

    @property
    def title(self) -> str:
        """The step's subject in a few words."""

    def changes(self, target: Target) -> list[str]:
        """Return the planned changes, one line each; empty if there are none.

        Raises AdoptionError if the step cannot be done, or an error from the server.
        """

    def apply(self, target: Target) -> None:
        """Apply the changes. Raises the same errors as ``changes``; nothing has changed then."""

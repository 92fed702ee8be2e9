"""One thing that has to be done to what exists before Terraform can adopt it."""

from typing import Protocol

from delivery.account.target import Target


class Step(Protocol):
    """A step of ``python -m delivery adopt``: repeatable, and either done or not, never half.

    title: what it is about, for a heading.
    """

    @property
    def title(self) -> str:
        """What the step is about, in a few words."""

    def changes(self, target: Target) -> list[str]:
        """Return what would be done, one line each; empty where there is nothing to do.

        Raises AdoptionError where it cannot be done, or an error of the server that is asked.
        """

    def apply(self, target: Target) -> None:
        """Do it. Raises as ``changes`` does; then nothing has changed."""

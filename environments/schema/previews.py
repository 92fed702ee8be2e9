"""Previews: environments that pull requests of the application's repository claim and give back."""

from typing import Annotated, Literal

from pydantic import Field

from environments.schema.base import Settings
from environments.schema.github import Repository

# One digit: an environment's name then never begins another one's.
Slot = Annotated[int, Field(ge=1, le=9)]


class Previews(Settings):
    """How many previews there can be at once, who claims them, and when they end.

    repository: of the application; its pull requests alone may claim a slot. slots: environments that stand ready,
    ``preview-1`` and so on (``environments/preview.py``); the most previews at once. label: what a pull request carries
    to get one. asleep_after_hours: without a push, after which no pods run any more. released_after_days: likewise,
    after which the slot is emptied and given back. database_on_push: whether a push keeps the rows of its preview, or
    gets its database anew. seeded: whether a preview's database begins with the invented rows of
    ``python -m delivery preview seed``, instead of empty.
    """

    repository: Repository
    slots: Slot = 3
    label: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,49}$")] = "preview"
    asleep_after_hours: Annotated[int, Field(ge=1, le=720)] = 12
    released_after_days: Annotated[int, Field(ge=1, le=30)] = 5
    database_on_push: Literal["keep", "anew"] = "keep"
    seeded: bool = False

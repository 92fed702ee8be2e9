"""Previews: environments that pull requests of the application's repository claim and release."""

from typing import Annotated, Literal

from pydantic import Field

from environments.schema.base import Settings
from environments.schema.github import Repository

# One digit: then no environment's name is a prefix of another's.
Slot = Annotated[int, Field(ge=1, le=9)]


class Previews(Settings):
    """How many previews can exist at once, who claims them, and when they end.

    repository: the application's; only its pull requests may claim a slot. slots: the number of prepared environments,
    ``preview-1`` and so on (``environments/preview.py``), and so the most previews at once. label: the label with which
    a pull request gets one. asleep_after_hours: without a push, after this time no pods run. released_after_days:
    without a push, after this time the slot is emptied and freed. database_on_push: whether a push keeps its preview's
    rows or gets a new database. seeded: whether a preview's database starts with the invented rows of ``python -m
    delivery preview seed`` instead of empty.
    """

    repository: Repository
    slots: Slot = 3
    label: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,49}$")] = "preview"
    asleep_after_hours: Annotated[int, Field(ge=1, le=720)] = 12
    released_after_days: Annotated[int, Field(ge=1, le=30)] = 5
    database_on_push: Literal["keep", "anew"] = "keep"
    seeded: bool = False

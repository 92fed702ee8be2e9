"""Describes an account other than the one in the settings, by how the settings differ there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from environments.schema.base import Settings
from environments.schema.problems import problems
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment, Shared

Kind = TypeVar("Kind", bound=Settings)


@dataclass(frozen=True, kw_only=True)
class Account:
    """How the settings differ.

    place: the file that says so, for messages. shared: fields of ``environments/shared.py``. environments: fields of
    each environment by name; an unnamed environment does not differ (``Settings.changed``).
    """

    place: str
    shared: Mapping[str, object]
    environments: Mapping[str, Mapping[str, object]]

    def changed_shared(self, shared: Shared) -> Shared:
        """The shared settings on this account. Raises SettingsError."""
        return _changed(shared, self.shared, self.place)

    def changed(self, environment: Environment) -> Environment:
        """The environment on this account. Raises SettingsError."""
        fields = self.environments.get(environment.name, {})
        return _changed(environment, fields, f"{self.place}: {environment.name}")


def _changed(settings: Kind, fields: Mapping[str, object], place: str) -> Kind:
    try:
        return settings.changed(fields)
    except ValidationError as error:
        raise SettingsError("\n".join(f"{place}: {problem}" for problem in problems(error))) from None

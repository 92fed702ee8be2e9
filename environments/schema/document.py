"""All settings as one JSON document, which a process can read instead of the files in environments/."""

import json
from dataclasses import dataclass
from typing import Self, TypeVar

from pydantic import ValidationError

from environments.schema.base import Settings
from environments.schema.catalogue import Catalogue, file_of
from environments.schema.problems import problems
from environments.schema.rules import SettingsError, check
from environments.schema.settings import Environment, Shared

SHARED_FILE = "environments/shared.py"
Kind = TypeVar("Kind", bound=Settings)
_ALLOWED = 'allowed: {"shared": {...}, "environments": [{"name": ..., ...}, ...]}'


@dataclass(frozen=True, kw_only=True)
class SettingsDocument:
    """The shared settings, and every environment, sorted by name; each valid by itself.

    ``DocumentCatalogue`` checks whether they are valid together when it loads them.
    """

    shared: Shared
    environments: tuple[Environment, ...]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Return all settings of a catalogue. Raises SettingsError, as loading them does."""
        return cls(shared=catalogue.shared, environments=catalogue.load())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the output of ``to_json``.

        Raises SettingsError naming the file that holds the setting, the field, the value and what is allowed.
        """
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"the settings are not JSON ({error}); {_ALLOWED}") from None
        if not isinstance(content, dict) or content.keys() != {"shared", "environments"}:
            given = sorted(content) if isinstance(content, dict) else type(content).__name__
            raise SettingsError(f"the settings have {given!r}; {_ALLOWED}")
        rows = content["environments"]
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and type(row.get("name")) is str for row in rows
        ):
            raise SettingsError(f"environments is not a list of objects with a name; {_ALLOWED}")
        return cls(
            shared=_read(Shared, content["shared"], SHARED_FILE),
            environments=tuple(
                sorted((_read(Environment, row, file_of(row["name"])) for row in rows), key=lambda row: row.name)
            ),
        )

    def to_json(self) -> str:
        """Return the document; ``parse`` reads it back to equal settings."""
        content = {
            "shared": self.shared.model_dump(mode="json"),
            "environments": [environment.model_dump(mode="json") for environment in self.environments],
        }
        return json.dumps(content, indent=1)


class DocumentCatalogue(Catalogue):
    """The environments of a document instead of a folder's files."""

    def __init__(self, document: SettingsDocument) -> None:
        super().__init__(shared=document.shared)
        self._document = document

    def names(self) -> tuple[str, ...]:
        """Return the environments' names, sorted."""
        return tuple(environment.name for environment in self._document.environments)

    def lasting_names(self) -> tuple[str, ...]:
        """Return the names of all environments except previews, sorted."""
        return tuple(environment.name for environment in self._document.environments if environment.slot is None)

    def load(self) -> tuple[Environment, ...]:
        """Return every environment, checked against the others, sorted by name. Raises SettingsError."""
        check(self._document.environments, self.shared)
        return self._document.environments


def _read(kind: type[Kind], content: object, place: str) -> Kind:
    try:
        return kind.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise SettingsError("\n".join(f"{place}: {problem}" for problem in problems(error))) from None

"""Finds the environments: every file of environments/ is one, but for what they share."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from environments.schema.account import Account
from environments.schema.problems import problems
from environments.schema.rules import SettingsError, check
from environments.schema.settings import BOOTSTRAP, Environment, Shared
from environments.shared import SHARED

FOLDER = Path(__file__).parents[1]
_OTHERS = {"__init__", "applications", "shared"}


class Catalogue:
    """The environments of a folder, on the account that the settings describe or on another one.

    folder: one file each. shared: what they share. account: how settings differ there; None where they do not.
    Raises SettingsError where ``shared`` cannot be changed like that.
    """

    def __init__(self, folder: Path = FOLDER, shared: Shared = SHARED, account: Account | None = None) -> None:
        self.folder = folder
        self.shared = account.changed_shared(shared) if account else shared
        self._account = account

    def names(self) -> tuple[str, ...]:
        """Return the environments' names from the files' names alone, sorted; reads no file."""
        return tuple(_name(path) for path in _files(self.folder))

    def file(self, name: str) -> Path:
        """Return the file in which the environment of this name is written."""
        return self.folder / Path(file_of(name)).name

    def load(self) -> tuple[Environment, ...]:
        """Return every environment, checked alone and against the others, sorted by name.

        Raises SettingsError naming the file, the field, the value and what is allowed.
        """
        environments = tuple(_read(path) for path in _files(self.folder))
        if self._account:
            environments = tuple(map(self._account.changed, environments))
        check(environments, self.shared)
        return environments

    def find(self, name: str) -> Environment:
        """Load every environment and return one by name. Raises SettingsError that lists the known ones."""
        return choose(name, self.load())


def choose(name: str, environments: Sequence[Environment]) -> Environment:
    """Return one of all environments, which were loaded before. Raises SettingsError that lists them."""
    for environment in environments:
        if environment.name == name:
            return environment
    allowed = ", ".join(environment.name for environment in environments)
    if name == BOOTSTRAP:
        raise SettingsError(
            f"{name!r} is no environment, but the stack that prepares the account for them (docs/bootstrap.md); "
            f"allowed here: {allowed}"
        )
    raise SettingsError(f"environment {name!r} is unknown; allowed: {allowed} (one file each in environments/)")


def file_of(name: str) -> str:
    """Return where the environment of this name is written, for a message."""
    return f"environments/{name.replace('-', '_')}.py"


def _files(folder: Path) -> list[Path]:
    return sorted((path for path in folder.glob("*.py") if path.stem not in _OTHERS), key=_name)


def _name(path: Path) -> str:
    return path.stem.replace("_", "-")


def _read(path: Path) -> Environment:
    place, name = f"{path.parent.name}/{path.name}", _name(path)
    specification = importlib.util.spec_from_file_location(f"environments.{path.stem}", path)
    assert specification is not None  # noqa: S101 a .py path always has one
    assert specification.loader is not None  # noqa: S101 and a loader
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except ValidationError as error:
        raise SettingsError("\n".join(f"{place}: {problem}" for problem in problems(error))) from None
    except (Exception, SystemExit) as error:
        # One line: readers of the message take each line for a problem.
        raise SettingsError(f"{place}: {type(error).__name__}: {' '.join(str(error).split())}") from error
    environment = getattr(module, "ENVIRONMENT", None)
    if not isinstance(environment, Environment):
        raise SettingsError(
            f"{place}: ENVIRONMENT is {environment!r}; allowed: an Environment of environments/schema/settings.py"
        )
    if environment.name != name:
        raise SettingsError(f"{place}: name {environment.name!r} differs from the file's; allowed: {name!r}")
    return environment

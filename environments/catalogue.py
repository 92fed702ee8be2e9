"""Finds the environments: every file of this folder that is not part of the settings' own machinery is one."""

import importlib.util
from pathlib import Path

from pydantic import ValidationError

from environments.rules import SettingsError, check
from environments.settings import Environment, Shared
from environments.shared import SHARED

FOLDER = Path(__file__).parent
_MACHINERY = {"__init__", "applications", "catalogue", "formats", "rules", "settings", "shared"}


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the environments' names from the files' names alone, sorted; reads no file."""
    return tuple(_name(path) for path in _files(folder))


def load(folder: Path = FOLDER, shared: Shared = SHARED) -> tuple[Environment, ...]:
    """Return every environment, checked alone and against the others, sorted by name.

    Raises SettingsError naming the file, the field, the value and what is allowed.
    """
    environments = tuple(_read(path) for path in _files(folder))
    check(environments, shared)
    return environments


def find(name: str, folder: Path = FOLDER) -> Environment:
    """Return one environment by name. Raises SettingsError that lists the known ones."""
    for environment in load(folder):
        if environment.name == name:
            return environment
    raise SettingsError(
        f"environment {name!r} is unknown; allowed: {', '.join(names(folder))} (one file each in environments/)"
    )


def _files(folder: Path) -> list[Path]:
    return sorted((path for path in folder.glob("*.py") if path.stem not in _MACHINERY), key=_name)


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
        problems = [
            (".".join(map(str, problem["loc"])) or error.title, problem["msg"], problem["input"])
            for problem in error.errors()
        ]
        raise SettingsError(
            "\n".join(f"{place}: {field}: {message} (given: {given!r})" for field, message, given in problems)
        ) from None
    except Exception as error:
        raise SettingsError(f"{place}: {type(error).__name__}: {error}") from error
    environment = getattr(module, "ENVIRONMENT", None)
    if not isinstance(environment, Environment):
        raise SettingsError(
            f"{place}: ENVIRONMENT is {environment!r}; allowed: an Environment of environments/settings.py"
        )
    if environment.name != name:
        raise SettingsError(f"{place}: name {environment.name!r} differs from the file's; allowed: {name!r}")
    return environment

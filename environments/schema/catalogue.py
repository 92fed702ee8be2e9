"""Finds the environments: every file in environments/ except the shared ones, plus the previews."""

import importlib.util
import re
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from pydantic import ValidationError

from environments.preview import preview
from environments.schema.account import Account
from environments.schema.problems import problems
from environments.schema.rules import SettingsError, check
from environments.schema.settings import BOOTSTRAP, Environment, Shared, preview_name
from environments.shared import SHARED

FOLDER = Path(__file__).parents[1]
_OTHERS = {"__init__", "applications", "preview", "shared"}
PREVIEW_FILE = "environments/preview.py"
_PREVIEW = re.compile(r"preview-[1-9]")


class Catalogue:
    """The environments of a folder, on the account that the settings describe or on another one.

    folder: one file for each environment. shared: their shared settings, including the number of previews. account: how
    the settings differ there; None if they do not. Raises SettingsError if ``shared`` cannot be changed that way.
    """

    def __init__(self, folder: Path = FOLDER, shared: Shared = SHARED, account: Account | None = None) -> None:
        self.folder = folder
        self.shared = account.changed_shared(shared) if account else shared
        self._account = account

    def names(self) -> tuple[str, ...]:
        """Return the names of all environments, including previews, sorted; reads no file."""
        return tuple(sorted((*self.lasting_names(), *map(preview_name, self._slots))))

    def lasting_names(self) -> tuple[str, ...]:
        """Return the names of all environments except previews, sorted, from the file names alone."""
        return tuple(_name(path) for path in _files(self.folder))

    def file(self, name: str) -> Path:
        """Return the file of the environment with this name."""
        return self.folder / Path(file_of(name)).name

    def load(self) -> tuple[Environment, ...]:
        """Return every environment, checked alone and against the others, sorted by name.

        Raises SettingsError naming the file, the field, the value and what is allowed.
        """
        environments = [_read(path) for path in _files(self.folder)] + list(map(_preview, self._slots))
        if self._account:
            environments = list(map(self._account.changed, environments))
        check(environments, self.shared)
        return tuple(sorted(environments, key=lambda environment: environment.name))

    def lasting(self) -> tuple[Environment, ...]:
        """Return the result of ``load`` without the previews.

        Each claim deploys a preview from the default branch, so previews have no part in what follows the branches: the
        plans of pull requests, the nightly comparison, images and their promotion. Raises SettingsError.
        """
        return tuple(environment for environment in self.load() if environment.slot is None)

    def find(self, name: str) -> Environment:
        """Load every environment and return one by name. Raises SettingsError, which lists the known ones."""
        return choose(name, self.load())

    def find_lasting(self, name: str) -> Environment:
        """Load every environment and return one by name, except previews. Raises SettingsError."""
        return choose(name, self.lasting())

    @property
    def _slots(self) -> range:
        return range(1, self.shared.previews.slots + 1) if self.shared.previews else range(0)


def choose(name: str, environments: Sequence[Environment]) -> Environment:
    """Return one of the loaded environments by name. Raises SettingsError, which lists them."""
    for environment in environments:
        if environment.name == name:
            return environment
    allowed = ", ".join(environment.name for environment in environments)
    if name == BOOTSTRAP:
        raise SettingsError(
            f"{name!r} is not an environment but the stack that prepares the account for them (docs/bootstrap.md); "
            f"allowed here: {allowed}"
        )
    if _PREVIEW.fullmatch(name) and not any(environment.slot for environment in environments):
        raise SettingsError(
            f"{name!r} is not an environment here: a preview is deployed from the default branch when a pull request "
            f"claims it (docs/decisions/2026-11-30-preview-slots.md); allowed here: {allowed}"
        )
    raise SettingsError(f"environment {name!r} is unknown; allowed: {allowed} (one file each in environments/)")


def file_of(name: str) -> str:
    """Return the file of the environment with this name, for a message."""
    return PREVIEW_FILE if _PREVIEW.fullmatch(name) else f"environments/{name.replace('-', '_')}.py"


def _files(folder: Path) -> list[Path]:
    return sorted((path for path in folder.glob("*.py") if path.stem not in _OTHERS), key=_name)


def _name(path: Path) -> str:
    return path.stem.replace("_", "-")


def _preview(slot: int) -> Environment:
    try:
        return preview(slot)
    except ValidationError as error:
        raise SettingsError("\n".join(f"{PREVIEW_FILE}: {problem}" for problem in problems(error))) from None


class _WrittenText(SourceFileLoader):
    """Reads a file's own text, never its compiled copy.

    Python takes a copy for current if the file's size and its modification time in whole seconds match. They do when
    new images are written into a file that was just read.
    """

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _read(path: Path) -> Environment:
    place, name = f"{path.parent.name}/{path.name}", _name(path)
    loader = _WrittenText(f"environments.{path.stem}", str(path))
    specification = importlib.util.spec_from_file_location(loader.name, path, loader=loader)
    assert specification is not None  # noqa: S101 a .py path always has one
    module = importlib.util.module_from_spec(specification)
    try:
        loader.exec_module(module)
    except ValidationError as error:
        raise SettingsError("\n".join(f"{place}: {problem}" for problem in problems(error))) from None
    except (Exception, SystemExit) as error:
        # On one line: readers of the message take each line for a problem.
        raise SettingsError(f"{place}: {type(error).__name__}: {' '.join(str(error).split())}") from error
    environment = getattr(module, "ENVIRONMENT", None)
    if not isinstance(environment, Environment):
        raise SettingsError(
            f"{place}: ENVIRONMENT is {environment!r}; allowed: an Environment of environments/schema/settings.py"
        )
    if environment.name != name:
        raise SettingsError(f"{place}: name {environment.name!r} differs from the file's; allowed: {name!r}")
    return environment

"""What a pull request asks for, as data: its settings, and the stacks that its code makes of them.

A proposal's folder holds ``settings.json``, and ``stacks/NAME/cdk.tf.json`` for each stack. Code that nobody has
reviewed yet wrote it, so a reader trusts nothing in it and runs nothing from it.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from delivery.proposal import strangers_json
from delivery.proposal.error import ProposalError, ProposalFolderError
from delivery.proposal.synthesis import run_synthesis
from delivery.report.markdown import printable, shortened
from delivery.report.private_file import write_private
from delivery.terraform.stack_json import FILE
from environments.schema.document import SettingsDocument
from environments.schema.formats import EnvironmentName
from environments.schema.settings import BOOTSTRAP
from modules.model.selected_settings import SETTINGS

SETTINGS_FILE = "settings.json"
STACKS = "stacks"
LARGEST = 8 * 1024**2
# A file and a folder for each of some 60 stacks.
MOST_ENTRIES = 128
_ALLOWED = f"allowed: {SETTINGS_FILE}, and {STACKS}/NAME/{FILE} of {BOOTSTRAP} and of each environment in it"
_PRIVATE = 0o700
_NAME: TypeAdapter[str] = TypeAdapter(EnvironmentName)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The settings as parsed JSON, and a stack for bootstrap and for each environment in them.

    Raises ProposalError if the settings have the wrong shape, or if stacks and settings have different names.
    """

    settings: object
    stacks: Mapping[str, Mapping[str, Any]]

    def __post_init__(self) -> None:
        names = [BOOTSTRAP, *_environment_names(self.settings)]
        for name in names:
            if names.count(name) > 1:
                raise ProposalError(f"{SETTINGS_FILE} has {name!r} {names.count(name)} times; allowed: once")
        if missing := sorted(set(names) - self.stacks.keys()):
            raise ProposalError(f"{', '.join(missing)}: in {SETTINGS_FILE}, without a stack; {_ALLOWED}")
        if unknown := sorted(self.stacks.keys() - set(names)):
            raise ProposalError(f"{_shown(', '.join(unknown))}: a stack, but not in {SETTINGS_FILE}; {_ALLOWED}")


def write_proposal(folder: Path) -> tuple[str, ...]:
    """Write this checkout's proposal to a folder; return the names of the stacks.

    Needs no credentials and no network, and replaces an earlier proposal. Raises SettingsError for bad settings,
    ProposalFolderError for a folder that cannot be written, ProposalError if a stack cannot be made.
    """
    _check_folder(folder)
    document = SettingsDocument.of(SETTINGS)
    names = (BOOTSTRAP, *SETTINGS.names())
    made = run_synthesis(names, {})
    try:
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        if (folder / STACKS).exists():
            shutil.rmtree(folder / STACKS)
        write_private(folder / SETTINGS_FILE, document.to_json())
        (folder / STACKS).mkdir(mode=_PRIVATE)
        for name, text in made.items():
            (folder / STACKS / name).mkdir(mode=_PRIVATE)
            write_private(folder / STACKS / name / FILE, text)
    except OSError as error:
        raise ProposalFolderError(f"{folder}: {error.strerror}; allowed: a folder that can be written") from None
    return names


def _check_folder(folder: Path) -> None:
    """Raise ProposalFolderError for a folder that holds anything but a proposal."""
    try:
        others = sorted({path.name for path in folder.iterdir()} - {SETTINGS_FILE, STACKS}) if folder.exists() else []
    except OSError as error:
        raise ProposalFolderError(f"{folder}: {error.strerror}; allowed: a folder that can be written") from None
    if others:
        raise ProposalFolderError(f"{folder} has {', '.join(others)}; allowed: an empty folder, or one of a proposal")


def read_proposal(folder: Path) -> Proposal:
    """Read a folder that a stranger wrote. Raises ProposalError, which says what is in it and what is allowed."""
    texts = {place: _read(folder, place) for place in _places(folder)}
    contents = {place: _parsed(place, text) for place, text in texts.items()}
    if SETTINGS_FILE not in contents:
        raise ProposalError(f"{folder} has no {SETTINGS_FILE}; {_ALLOWED}")
    settings = contents.pop(SETTINGS_FILE)
    stacks = {}
    for place, content in contents.items():
        if not isinstance(content, dict):
            raise ProposalError(f"{place} is {type(content).__name__}; allowed: an object, as in Terraform's JSON")
        stacks[Path(place).parent.name] = content
    return Proposal(settings=settings, stacks=stacks)


def _environment_names(settings: object) -> Iterator[str]:
    allowed = 'allowed: {"shared": {...}, "environments": [{"name": ..., ...}, ...]}'
    if not isinstance(settings, dict) or not isinstance(settings.get("shared"), dict):
        raise ProposalError(f"{SETTINGS_FILE} has no object shared; {allowed}")
    rows = settings.get("environments")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ProposalError(f"{SETTINGS_FILE} has no list environments with objects; {allowed}")
    for row in rows:
        yield _checked_name(row.get("name"), f"{SETTINGS_FILE}: environments.name")


def _checked_name(name: object, place: str) -> str:
    try:
        return _NAME.validate_python(name, strict=True)
    except ValidationError:
        allowed = "allowed: an environment's name: a-z first, then a-z, 0-9 and single inner hyphens"
        raise ProposalError(f"{place}: {_shown(repr(name))}; {allowed}") from None


def _places(folder: Path) -> list[str]:
    """The paths of the files in the folder, after checking every entry in it."""
    places = []
    for number, (depth, path) in enumerate(_walk(folder, 0)):
        if number >= MOST_ENTRIES:
            raise ProposalError(f"{folder} has more than {MOST_ENTRIES} files and folders; {_ALLOWED}")
        place = path.relative_to(folder).as_posix()
        parts = place.split("/")
        is_file = place == SETTINGS_FILE or (depth == 2 and parts[0] == STACKS and parts[2] == FILE)
        if not is_file and place != STACKS and not (depth == 1 and parts[0] == STACKS):
            raise ProposalError(f"{_shown(place)} is in the proposal; {_ALLOWED}")
        if depth == 1:
            _checked_name(parts[1], STACKS)
        status = path.lstat()
        if not (stat.S_ISREG if is_file else stat.S_ISDIR)(status.st_mode):
            kind = "a file" if is_file else "a folder"
            raise ProposalError(f"{place} is a link or something else that is not {kind}; allowed: {kind}")
        if is_file and status.st_size > LARGEST:
            raise ProposalError(f"{place} has {status.st_size} bytes; allowed: {LARGEST}")
        if is_file:
            places.append(place)
    return places


def _walk(folder: Path, depth: int) -> Iterator[tuple[int, Path]]:
    """Yield each entry before its content; the caller stops at an entry that should not be there, and so at a link."""
    try:
        with os.scandir(folder) as entries:
            paths = sorted(Path(entry.path) for entry in entries)
    except OSError as error:
        raise ProposalError(f"{folder}: {error.strerror}; allowed: the folder of a proposal") from None
    for path in paths:
        yield depth, path
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path, depth + 1)


def _read(folder: Path, place: str) -> str:
    try:
        return (folder / place).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise ProposalError(f"{place} cannot be read: {problem}; allowed: a text file in UTF-8") from None


def _parsed(place: str, text: str) -> object:
    try:
        return strangers_json.parse(text)
    except ValueError as error:
        raise ProposalError(f"{place}: {_shown(str(error))}") from None


def _shown(text: str) -> str:
    return shortened(printable(text), 200)

"""An environment's file, which gets other images if it says nothing else afterwards."""

import difflib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from delivery.images.image_literals import SettingsEditError
from delivery.images.settings_edit import set_images
from environments.schema.catalogue import Catalogue
from environments.schema.settings import Environment, Image


def write_images(catalogue: Catalogue, name: str, images: Mapping[str, Image]) -> str:
    """Write these images into the file of an environment; return what changed of it as a unified diff.

    catalogue: of the folder that holds the file. images: by the fields of ``Environment.images``. The file is replaced
    at once or stays as it is: it has to load with all other environments, and to differ in the images alone.
    Raises SettingsEditError, TextFileError, SettingsError, and OSError where the folder cannot be written.
    """
    file = catalogue.file(name)
    before, text = file.read_text(encoding="utf-8"), set_images(file, images)
    place = f"{file.parent.name}/{file.name}"
    wanted = _with(Catalogue(catalogue.folder).find(name), images)
    if _loaded(catalogue.folder, file.name, text, name) != wanted:
        raise SettingsEditError(
            f"{place}: {name} would change more than its images; allowed: a file that uses its images for nothing else"
        )
    if text != before:
        _replace(file, text)
    lines = difflib.unified_diff(before.splitlines(keepends=True), text.splitlines(keepends=True), place, place)
    return "".join(lines)


def _with(environment: Environment, images: Mapping[str, Image]) -> Environment:
    return environment.changed({field: {"image": image} for field, image in images.items()})


def _loaded(folder: Path, file: str, text: str, name: str) -> Environment:
    """The environment as this text of its file says, beside the others of the folder."""
    with tempfile.TemporaryDirectory() as parent:
        # Messages name the folder.
        copy = Path(parent) / folder.name
        copy.mkdir()
        for path in folder.glob("*.py"):
            shutil.copyfile(path, copy / path.name)
        (copy / file).write_text(text, encoding="utf-8")
        return Catalogue(copy).find(name)


def _replace(file: Path, text: str) -> None:
    # Of another ending: each file that ends in .py is an environment.
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    shutil.copymode(file, new)
    new.replace(file)

"""Writes images into an environment's file if nothing else about the environment changes."""

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
    """Write these images into an environment's file; return the change as a unified diff.

    catalogue: of the folder with the file. images: by field of ``Environment.images``. The file is replaced atomically
    or not at all: it must load together with all other environments and differ only in the images.
    Raises SettingsEditError, TextFileError, SettingsError, and OSError if the folder is not writable.
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
    """The environment according to this text of its file, next to the other files in the folder."""
    with tempfile.TemporaryDirectory() as parent:
        # Messages name the folder.
        copy = Path(parent) / folder.name
        copy.mkdir()
        for path in folder.glob("*.py"):
            shutil.copyfile(path, copy / path.name)
        (copy / file).write_text(text, encoding="utf-8")
        return Catalogue(copy).find(name)


def _replace(file: Path, text: str) -> None:
    # Needs another extension: each file that ends in .py is an environment.
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    shutil.copymode(file, new)
    new.replace(file)

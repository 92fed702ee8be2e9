"""Edits the images in an environment's file; everything else in it stays as it is written."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from delivery.images.image_literals import ImageLiterals, SettingsEditError
from delivery.report.text_file import read_text
from environments.schema.settings import Image
from modules.model.project import ROOT


def set_images(file: Path, images: Mapping[str, Image]) -> str:
    """Return the file's text with these images, by the fields of ``Environment.images``; nothing is written.

    Each image has a tag and a digest. Only their literals change: in ``Image(...)``, or in a constant of the file that
    nothing else uses; one that is missing is added. What becomes too long is wrapped as ruff format does it.
    Raises SettingsEditError for a file that is written in another way, TextFileError for one that cannot be read.
    """
    source = read_text(file, "the environment")
    place = f"{file.parent.name}/{file.name}"
    if _formatted(source, place) != source:
        raise SettingsEditError(
            f"{place} is not formatted, so that more than its images would change; allowed: a file as "
            f"{Path(sys.executable).parent / 'ruff'} format leaves it"
        )
    literals = ImageLiterals(source, place)
    for field, image in images.items():
        literals.set(field, image)
    return _formatted(literals.changed(), place)


def _formatted(source: str, place: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--config", ROOT / "pyproject.toml", "--stdin-filename", place, "-"],
        input=source,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SettingsEditError(f"{place} is no Python: {' '.join(done.stderr.split())}; allowed: a file that loads")
    return done.stdout

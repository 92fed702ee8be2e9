"""Edits the images in an environment's file and leaves everything else as written."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from delivery.images.image_literals import ImageLiterals, SettingsEditError
from delivery.report.text_file import read_text
from environments.schema.settings import Image
from modules.model.project import ROOT


def set_images(file: Path, images: Mapping[str, Image]) -> str:
    """Return the file's text with these images, by field of ``Environment.images``; writes nothing.

    Each image needs a tag and a digest. Only their literals change: in ``Image(...)``, or in a constant of the file
    that nothing else uses. Missing ones are added. Long lines are wrapped as ruff format does.
    Raises SettingsEditError for a file in another form, TextFileError for one that cannot be read.
    """
    source = read_text(file, "the environment")
    place = f"{file.parent.name}/{file.name}"
    if _formatted(source, place) != source:
        raise SettingsEditError(
            f"{place} is not formatted, so more than its images would change; allowed: a file formatted by "
            f"{Path(sys.executable).parent / 'ruff'} format"
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
        raise SettingsEditError(f"{place} is not Python: {' '.join(done.stderr.split())}; allowed: a file that loads")
    return done.stdout

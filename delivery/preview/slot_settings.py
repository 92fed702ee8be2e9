"""The settings of a claimed slot: those of environments/preview.py with the claim's images."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.preview.claim import Claim
from delivery.report.private_file import write_private
from environments.schema.catalogue import Catalogue
from environments.schema.document import SettingsDocument
from environments.schema.settings import Environment


def of_claim(environment: Environment, claim: Claim, *, paused: bool) -> Environment:
    """Return a slot's settings with the claim's images."""
    images = {field: {"image": image} for field, image in dict(claim.images).items()}
    return environment.changed({**images, "paused": paused})


@contextmanager
def settings_file(catalogue: Catalogue, changed: Environment) -> Iterator[Path]:
    """A file for MOSAIC_SETTINGS with all settings and these for one environment; deleted on exit."""
    document = SettingsDocument(
        shared=catalogue.shared,
        environments=tuple(changed if each.name == changed.name else each for each in catalogue.load()),
    )
    with TemporaryDirectory(prefix="mosaic-preview-") as folder:
        file = Path(folder) / "settings.json"
        write_private(file, document.to_json())
        yield file

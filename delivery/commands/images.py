"""Show an environment's images in its settings, its pods and the registry; or set them.

``python -m delivery images ENVIRONMENT`` prints a row for each application, and its disagreements below. ``--set
latest`` selects the environment's newest build (tag ENVIRONMENT-COMMIT) that every repository has, and ``--set TAG`` a
specific one. It resolves the tag to a digest in each repository and writes both into the environment's file. It prints
its changes and changes only that file (docs/images.md). Exit code 0: everything agrees, or the file has the images; 1:
something disagrees, or the build is not available; 2: it cannot start (unknown environment, no credentials, a registry
that is not ECR, a tag that is not allowed, a file that cannot be edited).
"""

import argparse
import shutil
import sys
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.images.image_literals import SettingsEditError
from delivery.images.registry import ImageRegistry, NoEcrError, RegistryError
from delivery.images.row import HEADINGS, read_row
from delivery.images.selection import LATEST, SelectionError, select
from delivery.images.settings_file import write_images
from delivery.report.markdown import printable
from delivery.report.table import columns
from delivery.report.text_file import TextFileError
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.formats import ImageTag
from environments.schema.rules import SettingsError
from environments.schema.settings import Image
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED


def main(arguments: Sequence[str] | None = None) -> int:
    """Show or set the images of the named environment and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m delivery images", description=__doc__.partition("\n")[0])
    parser.add_argument("environment", help=f"one of {', '.join(SETTINGS.lasting_names())}")
    parser.add_argument("--set", type=_tag, metavar="TAG", help=f"the tag of a build, or {LATEST}")
    options = parser.parse_args(arguments)
    try:
        target = Target.of(SETTINGS.find_lasting(options.environment), SHARED)
        registry = ImageRegistry(target.session, target.shared)
        target.caller()
    except (SettingsError, InvalidNameError, CloudError, AccountError, NoEcrError) as error:
        return _refused(error, 2)
    return _set(target, registry, options.set) if options.set else _show(target, registry)


def _show(target: Target, registry: ImageRegistry) -> int:
    rows = [read_row(target, registry, field) for field in APPLICATION_OF_FIELD]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    cells = [tuple(map(printable, row.cells)) for row in rows]
    for index, lines in enumerate(columns([HEADINGS, *cells], width=width)):
        print(*lines, sep="\n")
        for problem in rows[index - 1].problems if index else ():
            print(f"    -> {printable(problem)}")
    return 1 if any(row.problems for row in rows) else 0


def _set(target: Target, registry: ImageRegistry, wanted: str) -> int:
    environment = target.environment
    try:
        selection = select(registry, environment, wanted)
    except SelectionError as error:
        return _refused(error, 2 if error.unusable else 1)
    except RegistryError as error:
        return _refused(error, 1)
    for remark in selection.remarks:
        print(f"images: {remark}", file=sys.stderr)
    images = {field: Image(tag=found.tag, digest=found.digest) for field, found in selection.images.items()}
    try:
        changed = write_images(SETTINGS, environment.name, images)
    except (SettingsEditError, SettingsError, TextFileError) as error:
        return _refused(error, 2)
    except OSError as error:
        return _refused(f"{error}; allowed: a folder that can be written", 2)
    print(changed or f"{environment.name} already has these images", end="" if changed else "\n")
    return 0


def _tag(text: str) -> str:
    if text == LATEST:
        return text
    try:
        return TypeAdapter(ImageTag).validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(
            f"{error.errors()[0]['msg'].removeprefix('Value error, ')}, {LATEST}"
        ) from None


def _refused(problem: object, code: int) -> int:
    for line in str(problem).splitlines():
        print(f"images: {line}", file=sys.stderr)
    return code

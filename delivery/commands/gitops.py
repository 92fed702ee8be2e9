"""Write or compare the GitOps repository's files.

``python -m delivery gitops ENVIRONMENT --out DIR`` writes them; ``--check DIR`` compares a checkout of that repository
and prints the differences. ``--chart DIR`` renders a checkout of the application's chart with these values, and
compares every object with Terraform's, field by field. Exit code 0: written, or no difference; 1: a difference, or the
chart lacks something; 2: invalid input. docs/gitops.md describes each file.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.gitops.chart import missing_from_chart
from delivery.gitops.helm import HelmError
from delivery.gitops.repository import FileError, differences, files, write
from delivery.report.text_file import TextFileError
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare the files of the named environment and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m delivery gitops", description=__doc__.partition("\n")[0])
    parser.add_argument("environment", help=f"one of {', '.join(SETTINGS.names())}")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="DIR", help="write the files below this folder")
    what.add_argument("--check", type=_folder, metavar="DIR", help="compare a checkout of the GitOps repository")
    what.add_argument("--chart", type=_chart, metavar="DIR", help="compare the objects of this chart with Terraform's")
    options = parser.parse_args(arguments)
    try:
        environment = SETTINGS.find(options.environment)
        wanted = files(environment, SHARED)
    except (SettingsError, InvalidNameError) as error:
        print(f"gitops: {error}", file=sys.stderr)
        return 2
    try:
        if options.chart:
            problems = missing_from_chart(options.chart, environment, SHARED)
            for problem in problems:
                print(f"{options.chart}: {problem}", file=sys.stderr)
            if not problems:
                print(f"{options.chart}: creates what Terraform creates for {environment.name}")
            return 1 if problems else 0
        if options.check:
            found = "".join(differences(wanted, options.check))
            print(found or f"{options.check}: matches the settings of {environment.name}\n", end="")
            return 1 if found else 0
        for file in write(wanted, options.out):
            print(file)
    except (FileError, HelmError, TextFileError) as error:
        print(f"gitops: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"gitops: {error}; allowed: a folder that can be written", file=sys.stderr)
        return 2
    if environment.delivery == "terraform":
        print(
            f'gitops: {environment.name} has delivery="terraform": no Application reads these files yet',
            file=sys.stderr,
        )
    return 0


def _chart(text: str) -> Path:
    if not (Path(text) / "templates").is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} has no templates folder; allowed: an existing Helm chart")
    return Path(text)


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder; allowed: an existing checkout")
    return Path(text)

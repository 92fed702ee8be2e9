"""The files of the GitOps repository, generated from the settings."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from delivery.report.text_file import read_text
from environments.schema.catalogue import file_of
from environments.schema.settings import Environment, Shared
from modules.model.argocd_application import argocd_application
from modules.model.helm_values import base_values, environment_values
from modules.model.names import Names

_HEADER = """\
# Written by `python -m delivery gitops {name} --out .` in {repository}
# from {sources}: change it there.
"""
_BASE_NOTE = """\
# Common to all environments. A later file must replace each value in <angle brackets>; no API accepts it as it is.
# Helm replaces lists as a whole and merges mappings.
"""
_APPLICATION_NOTE = """\
# For people who review Argo CD's configuration: nothing applies this file. The environment's stack creates the
# Application if its settings say delivery="argocd", and adds to spec.sources[0].helm.values what only the account knows
# (the certificate's ARN, which versions of the secrets are stored).
"""


class FileError(Exception):
    """A file cannot be written; the message names it and says what is allowed."""


class _Dumper(yaml.SafeDumper):
    """Quotes every string that begins like a number, and never uses YAML references.

    Parsers disagree on numbers: a commit like 12e4567 is a string for PyYAML (YAML 1.1), but infinity for Helm.
    """

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 PyYAML's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if text[:1] in _NUMERIC else None)


_NUMERIC = frozenset("0123456789+-.")
_Dumper.add_representer(str, _text)


def files(environment: Environment, shared: Shared) -> dict[str, str]:
    """The text of each file by its path in the GitOps repository; deterministic for the same settings.

    Raises InvalidNameError for a name that a service would reject.
    """
    names, name = Names.of(environment, shared), environment.name
    own = file_of(name)

    def written(content: dict[str, Any], sources: str, note: str = "", name: str = name) -> str:
        header = _HEADER.format(name=name, repository=shared.repository, sources=sources)
        return header + note + yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)

    application = argocd_application(environment, shared, names)
    common = "environments/applications.py and environments/shared.py"
    return {
        "base/values.yaml": written(base_values(shared), common, _BASE_NOTE, "ENV"),
        f"environments/{name}/values.yaml": written(environment_values(environment, shared), own),
        f"environments/{name}/application.yaml": written(application, own, _APPLICATION_NOTE),
    }


def differences(wanted: dict[str, str], folder: Path) -> Iterator[str]:
    """How a checkout differs, as lines of a unified diff; a missing file counts as empty.

    Raises TextFileError.
    """
    for path, text in wanted.items():
        file = folder / path
        found = read_text(file, "the checkout's file") if file.exists() else ""
        yield from difflib.unified_diff(
            found.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"{path} (checkout)" if file.exists() else f"{path} (missing)",
            f"{path} (settings)",
        )


def write(wanted: dict[str, str], folder: Path) -> Iterator[Path]:
    """Write the files below a folder and yield each. Raises FileError before writing any if a path is blocked."""
    for file in (folder / path for path in wanted):
        if file.is_dir():
            raise FileError(f"{file} is a folder; allowed: a file, or nothing yet")
        if blocked := [place for place in file.parents if place.exists() and not place.is_dir()]:
            raise FileError(f"{blocked[0]} is not a folder; allowed: a folder that can be written")
    for path, text in wanted.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        yield file

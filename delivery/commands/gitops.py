"""Writes the GitOps repository's files from the settings: ``python -m delivery.commands.gitops ENVIRONMENT --out DIR``.

``--check DIR`` compares a checkout of that repository instead and prints what differs. ``--chart DIR`` looks in a
checkout of the application's chart for the ExternalSecret without which core-api cannot sign sessions. Exit code 0:
done, or all is as it should be; 1: a difference, or the chart lacks something; 2: input that cannot be used.
docs/gitops.md says what each file is for.
"""

import argparse
import difflib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from delivery.report.text_file import TextFileError, read_text
from environments.schema import catalogue
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment, Shared
from environments.shared import SHARED
from modules.model.argocd_application import argocd_application
from modules.model.helm_values import base_values, environment_values
from modules.model.names import InvalidNameError, Names
from modules.model.secrets import ApplicationSecrets

_HEADER = """\
# Written by `python -m delivery.commands.gitops {name} --out .` in {repository}
# from {sources}: change it there.
"""
_BASE_NOTE = """\
# Common to all environments. A value in <angle brackets> has to be given by a later file; no API accepts it as it is.
# Helm replaces lists as a whole and merges mappings.
"""
_APPLICATION_NOTE = """\
# For reading, and for whoever reviews what Argo CD is told: nothing applies this file. The environment's stack makes
# the Application when its settings say delivery="argocd", and adds in spec.sources[1].helm.values what only the account
# knows (the certificate's ARN, which versions of the secrets are stored).
"""


class FileError(Exception):
    """A file cannot be written; the message names it and says what is allowed."""


class _Dumper(yaml.SafeDumper):
    """Quotes every string that begins as a number does, and writes nothing twice by reference.

    What is a number differs: a commit like 12e4567 is a string for PyYAML (YAML 1.1), and infinity for Helm.
    """

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 PyYAML's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if text[:1] in _NUMERIC else None)


_NUMERIC = frozenset("0123456789+-.")
_Dumper.add_representer(str, _text)


def files(environment: Environment, shared: Shared) -> dict[str, str]:
    """The text of each file by its path in the GitOps repository; the same for the same settings.

    Raises InvalidNameError for a name that a service refuses.
    """
    names, name = Names.of(environment, shared), environment.name
    own = f"environments/{name.replace('-', '_')}.py"

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
    """What a checkout has otherwise, as lines of a unified diff; a missing file counts as an empty one.

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


def missing_from_chart(chart: Path, environment: Environment, shared: Shared) -> str | None:
    """The fields of the session-secret ExternalSecret, where no template of the chart makes it.

    Raises TextFileError.
    """
    session = ApplicationSecrets.of(Names.of(environment, shared), shared).session
    named = re.compile(rf"^\s*name:\s*[\"']?{re.escape(session.name)}[\"']?\s*$|\"{re.escape(session.name)}\"", re.M)
    for template in sorted((chart / "templates").rglob("*.yaml")):
        text = read_text(template, "the chart's template")
        if "kind: ExternalSecret" in text and named.search(text):
            return None
    needed = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": session.name},
        "spec": {
            "refreshInterval": "{{ .Values.externalSecrets.refreshInterval }}",
            "secretStoreRef": {
                field: f"{{{{ .Values.externalSecrets.secretStoreRef.{field} }}}}" for field in ("kind", "name")
            },
            "target": {"name": session.name, "creationPolicy": "Owner"},
            "data": [
                {
                    "secretKey": key,
                    "remoteRef": {"key": "{{ .Values.externalSecrets.session.secretKey }}", "property": field},
                }
                for key, field in session.properties.items()
            ],
        },
    }
    return (
        f"{chart}: no template makes an ExternalSecret {session.name!r}, and core-api reads its key "
        f"{', '.join(session.properties)}; these fields are required:\n{yaml.safe_dump(needed, sort_keys=False)}"
    )


def write(wanted: dict[str, str], folder: Path) -> Iterator[Path]:
    """Write the files below a folder, and yield each. Raises FileError before the first where one has no room."""
    for file in (folder / path for path in wanted):
        if file.is_dir():
            raise FileError(f"{file} is a folder; allowed: a file, or nothing yet")
        if blocked := [place for place in file.parents if place.exists() and not place.is_dir()]:
            raise FileError(f"{blocked[0]} is no folder; allowed: a folder that can be written")
    for path, text in wanted.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        yield file


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare the files of the named environment and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m delivery.commands.gitops", description=__doc__.partition("\n")[0])
    parser.add_argument("environment", help=f"one of {', '.join(catalogue.names())}")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="DIR", help="write the files below this folder")
    what.add_argument("--check", type=_folder, metavar="DIR", help="compare a checkout of the GitOps repository")
    what.add_argument("--chart", type=_chart, metavar="DIR", help="look whether this chart makes the session's Secret")
    options = parser.parse_args(arguments)
    try:
        environment = catalogue.find(options.environment)
        wanted = files(environment, SHARED)
    except (SettingsError, InvalidNameError) as error:
        print(f"gitops: {error}", file=sys.stderr)
        return 2
    try:
        if options.chart:
            problem = missing_from_chart(options.chart, environment, SHARED)
            print(problem or f"{options.chart}: makes the session's Secret", file=sys.stderr if problem else sys.stdout)
            return 1 if problem else 0
        if options.check:
            found = "".join(differences(wanted, options.check))
            print(found or f"{options.check}: as the settings of {environment.name} say\n", end="")
            return 1 if found else 0
        for file in write(wanted, options.out):
            print(file)
    except (FileError, TextFileError) as error:
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
        raise argparse.ArgumentTypeError(f"{text!r} has no folder templates; allowed: an existing Helm chart")
    return Path(text)


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder; allowed: an existing checkout")
    return Path(text)


if __name__ == "__main__":
    sys.exit(main())

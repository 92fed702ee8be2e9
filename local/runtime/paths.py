"""Where the local cloud keeps its state and its cache: never inside the checkout."""

import hashlib
import os
from pathlib import Path

from local.runtime.errors import LocalCloudError
from modules.model.project import ROOT

STATE_VARIABLE = "MOSAIC_LOCAL_STATE"
CACHE_VARIABLE = "MOSAIC_CACHE"

# PostgreSQL refuses to run as root, so its own user must be able to pass through (not list) the state folder.
_TRAVERSABLE = 0o711
_PRIVATE = 0o700


def state_folder() -> Path:
    """Return the folder of this checkout's local cloud, and create it when it is missing.

    It is ``MOSAIC_LOCAL_STATE`` (an absolute path outside the checkout, since it holds the local engines' secrets), or,
    one for each checkout, ``/var/lib/mosaic-platform/ID`` for root and
    ``${XDG_STATE_HOME:-~/.local/state}/mosaic-platform/ID`` for everyone else.

    Raises:
        LocalCloudError: the variable is relative, names a folder inside the checkout, or one that cannot be made.

    """
    given = _from_environment(STATE_VARIABLE)
    if given is not None:
        folder = given
    elif os.geteuid() == 0:
        folder = Path("/var/lib/mosaic-platform") / _checkout_id()
    else:
        folder = _xdg("XDG_STATE_HOME", ".local/state") / "mosaic-platform" / _checkout_id()
    mode = _TRAVERSABLE if os.geteuid() == 0 else _PRIVATE
    if not folder.is_dir():
        _make(folder)
        folder.chmod(mode)
    return folder


def cache_folder() -> Path:
    """Return the folder of what is expensive to make and holds no secret, and create it when it is missing.

    It is ``MOSAIC_CACHE`` (an absolute path outside the checkout) or ``${XDG_CACHE_HOME:-~/.cache}/mosaic-platform``;
    all checkouts share it.

    Raises:
        LocalCloudError: the variable is relative, names a folder inside the checkout, or one that cannot be made.

    """
    folder = _from_environment(CACHE_VARIABLE) or _xdg("XDG_CACHE_HOME", ".cache") / "mosaic-platform"
    _make(folder)
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalCloudError(
            f"{folder} cannot be made ({error.strerror}); allowed in {STATE_VARIABLE} and {CACHE_VARIABLE}: "
            "a folder, or a path where one may be made."
        ) from error


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

"""Checks that nobody else can replace a folder that the local cloud uses."""

import os
import stat
from pathlib import Path

from local.runtime.errors import LocalCloudError
from local.runtime.private_files import user_name

_ROOT_USER = 0
_LONGEST_CHAIN = 40


def require_trusted_path(folder: Path, setting: str) -> None:
    """Check that only the caller and root control each step of a folder's path, followed through links.

    A parent that everyone may write to is acceptable if users may only remove their own files, as in /tmp.

    folder: an existing absolute path; setting: the variable that chooses another folder.

    Raises:
        LocalCloudError: a folder or link on the way belongs to somebody else, or others may replace its content.

    """
    if (mode := folder.stat().st_mode) & stat.S_IWOTH:
        raise LocalCloudError(
            f"{setting} is {folder}, which everybody may write to (mode {stat.S_IMODE(mode):04o}); allowed: a folder "
            f"inside it, or `chmod o-w {folder}`."
        )
    _require(folder, folder, setting, _LONGEST_CHAIN)


def _require(place: Path, folder: Path, setting: str, links: int) -> None:
    for step in (*reversed(place.parents), place):
        found = step.lstat()
        kind = "link" if stat.S_ISLNK(found.st_mode) else "folder"
        if found.st_uid not in (_ROOT_USER, os.geteuid()):
            raise LocalCloudError(
                f"{setting} is {folder}, but the {kind} {step} belongs to {user_name(found.st_uid)}; allowed: a "
                f"path that belongs entirely to {user_name(os.geteuid())} or root."
            )
        if stat.S_ISLNK(found.st_mode):
            if not links:
                raise LocalCloudError(f"{setting} is {folder}: its links lead nowhere; allowed: the path of a folder.")
            _require(step.parent / step.readlink(), folder, setting, links - 1)
        elif _others_may_replace(found):
            raise LocalCloudError(
                f"{setting} is {folder}, but others may replace what is in {step} (mode "
                f"{stat.S_IMODE(found.st_mode):04o}); allowed: a path where they may not: `chmod go-w {step}`."
            )


def _others_may_replace(found: os.stat_result) -> bool:
    if found.st_mode & stat.S_ISVTX:
        return False
    # Many systems give each user a group of their own with write access to everything they create.
    by_group = found.st_mode & stat.S_IWGRP and found.st_gid != os.getegid()
    return bool(found.st_mode & stat.S_IWOTH or by_group)

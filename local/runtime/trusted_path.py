"""Checks that nobody else can put another folder in the place of one that the local cloud uses."""

import os
import stat
from pathlib import Path

from local.runtime.errors import LocalCloudError
from local.runtime.private_files import user_name

_ROOT_USER = 0
_LONGEST_CHAIN = 40


def require_trusted_path(folder: Path, setting: str) -> None:
    """Make sure that each step of a folder's path, followed through links, is in the hands of the caller and root.

    A folder that everybody may write to is a good parent where each may remove only what is his, as in /tmp.

    folder: an absolute path that exists; setting: the variable by which another folder is chosen.

    Raises:
        LocalCloudError: a folder or a link on the way belongs to somebody else, or others may replace what is in it.

    """
    if (mode := folder.stat().st_mode) & stat.S_IWOTH:
        raise LocalCloudError(
            f"{setting} is {folder}, to which everybody may write (mode {stat.S_IMODE(mode):04o}); allowed: a folder "
            f"inside it, or `chmod o-w {folder}`."
        )
    _require(folder, folder, setting, _LONGEST_CHAIN)


def _require(place: Path, folder: Path, setting: str, links: int) -> None:
    for step in (*reversed(place.parents), place):
        found = step.lstat()
        kind = "link" if stat.S_ISLNK(found.st_mode) else "folder"
        if found.st_uid not in (_ROOT_USER, os.geteuid()):
            raise LocalCloudError(
                f"{setting} is {folder}, but the {kind} {step} belongs to {user_name(found.st_uid)}; allowed: a path "
                f"on which all belongs to {user_name(os.geteuid())} or root."
            )
        if stat.S_ISLNK(found.st_mode):
            if not links:
                raise LocalCloudError(f"{setting} is {folder}: its links lead nowhere; allowed: the path of a folder.")
            _require(step.parent / step.readlink(), folder, setting, links - 1)
        elif _others_may_replace(found):
            raise LocalCloudError(
                f"{setting} is {folder}, but others may replace what is in {step} (mode "
                f"{stat.S_IMODE(found.st_mode):04o}); allowed: a path on which they may not: `chmod go-w {step}`."
            )


def _others_may_replace(found: os.stat_result) -> bool:
    if found.st_mode & stat.S_ISVTX:
        return False
    # Many systems give each user a group of his own and let it write to all that he creates.
    by_group = found.st_mode & stat.S_IWGRP and found.st_gid != os.getegid()
    return bool(found.st_mode & stat.S_IWOTH or by_group)

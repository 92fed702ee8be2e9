"""Files that only their owner may read, in folders that nobody else can change: keys, credentials, snapshots, locks."""

import os
import pwd
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from local.runtime.errors import LocalCloudError

_OWNER_ONLY = 0o600
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def write_private(path: Path, content: bytes | str, *, user: str | None = None) -> None:
    """Write a file of mode 0600 atomically: a reader sees the old content or the new, never a part.

    user: the operating system's user who owns the folder and will own the file; None: the caller.

    Raises:
        LocalCloudError: the folder belongs to somebody else, or others may write to it.
        OSError: the folder is missing, not writable, or the disk is full; the old content is then still there.

    """
    data = content.encode() if isinstance(content, str) else content
    owner = os.geteuid() if user is None else pwd.getpwnam(user).pw_uid
    # Everything happens in the folder that was checked, wherever its path leads by then.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _require_private(path.parent, os.fstat(folder), owner)
        temporary = f".{path.name}.{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(temporary, flags, _OWNER_ONLY, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if user is not None:
                    os.fchown(descriptor, owner, pwd.getpwnam(user).pw_gid)
                file.write(data)
            os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
            raise
    finally:
        os.close(folder)


def private_folder(path: Path) -> Path:
    """Return the folder, created with mode 0700 if it is missing.

    Raises:
        LocalCloudError: it belongs to somebody else, or others may write to it.

    """
    path.mkdir(mode=0o700, exist_ok=True)
    require_private_folder(path)
    return path


def require_private_folder(path: Path) -> None:
    """Raise LocalCloudError unless the caller owns the folder and nobody else may write to it."""
    _require_private(path, path.stat(), os.geteuid())


def open_lock(path: Path) -> TextIO:
    """Open a lock file for reading and appending; create it if it is missing.

    Anyone who can open a file, even just to read it, can hold its lock. So its mode is 0600, even if an older version
    created it readable for everyone.

    Raises:
        LocalCloudError: it is a link, belongs to somebody else, or cannot be written.

    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, _OWNER_ONLY)
    except OSError as error:
        # Another user's file that is not writable, or a link; systems report it with different errors.
        raise LocalCloudError(
            f"the lock {path} cannot be opened ({error.strerror}); allowed: a file of {user_name(os.geteuid())} that "
            "is not a link."
        ) from None
    owner = os.fstat(descriptor).st_uid
    if owner != os.geteuid():
        os.close(descriptor)
        raise LocalCloudError(
            f"the lock {path} belongs to {user_name(owner)}; allowed: a file of {user_name(os.geteuid())}."
        )
    os.fchmod(descriptor, _OWNER_ONLY)
    return os.fdopen(descriptor, "a+", encoding="utf-8")


def _require_private(path: Path, found: os.stat_result, owner: int) -> None:
    allowed = f"allowed: a folder of {user_name(owner)} that nobody else may write to"
    if found.st_uid != owner:
        raise LocalCloudError(f"{path} belongs to {user_name(found.st_uid)}; {allowed}.")
    if found.st_mode & _OTHERS_WRITE:
        raise LocalCloudError(
            f"{path} has mode {stat.S_IMODE(found.st_mode):04o}, so others may write to it; {allowed}: "
            f"`chmod go-w {path}`."
        )


def user_name(number: int) -> str:
    """Return a message's name for the operating system's user with this number."""
    try:
        return f"user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"user {number}"

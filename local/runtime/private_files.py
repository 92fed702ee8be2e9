"""Files that only their owner may read: keys, credentials, snapshots."""

import os
from pathlib import Path


def write_private(path: Path, content: bytes | str) -> None:
    """Write a file of mode 0600 in one step: a reader sees the old content or the new, never a part.

    Raises:
        OSError: the folder is missing, not writable, or the disk is full; the old content is then still there.

    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    data = content.encode() if isinstance(content, str) else content
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def private_folder(path: Path) -> Path:
    """Return the folder, created with mode 0700 when it is missing."""
    path.mkdir(mode=0o700, exist_ok=True)
    return path

"""Writes a file in our folders that only its owner may read."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Create or replace the file, in UTF-8 and with mode 0600. A link of that name is replaced, not followed.

    Raises:
        OSError: the folder is missing or not writable, or another file of that name appeared in the meantime.

    """
    path.unlink(missing_ok=True)
    with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)

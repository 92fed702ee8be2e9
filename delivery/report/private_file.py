"""Writes a file that its owner alone may read, in a folder of ours."""

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write the file anew, in UTF-8 and with mode 0600; a link of its name is replaced and not followed.

    Raises:
        OSError: the folder is missing or not writable, or another file of the name appeared meanwhile.

    """
    path.unlink(missing_ok=True)
    with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)

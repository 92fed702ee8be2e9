"""Makes a file or a folder somebody else's, in the eyes of the code that looks."""

import os
from pathlib import Path

import pytest

NOBODY = 65534


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root gives it to another user; to anybody else's test the caller becomes another one."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    else:
        caller = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: caller + 1)

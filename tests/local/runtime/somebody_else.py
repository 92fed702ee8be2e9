"""Makes a file or folder look like another user's to the code under test."""

import os
from pathlib import Path

import pytest

NOBODY = 65534


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change the owner if root runs the test; otherwise let the caller look like another user."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    else:
        caller = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: caller + 1)

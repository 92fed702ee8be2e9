"""Copies of the checkout's source, for tests that change it."""

import shutil
from pathlib import Path

from modules.model.project import ROOT

# A checkout also holds history, installed packages, caches, synthesized configuration and built documents.
_NOT_SOURCE = shutil.ignore_patterns(".*", "node_modules", "cdktf.out", "site", "__pycache__", "*.log")


def copy_source(folder: Path, root: Path = ROOT) -> Path:
    """Copy the source of a checkout into a folder that does not exist yet, and return it."""
    return Path(shutil.copytree(root, folder, ignore=_NOT_SOURCE))

"""Digests of the slow pictures' inputs, stored next to the pictures.

A test compares the stored digest with the checkout's and reports a stale picture.
"""

import hashlib
import json
import re
from pathlib import Path

from tools.pictures.github_page import github_page
from tools.pictures.theme import THEMES

COMMENT = Path("tests", "delivery", "review", "comments", "destroy-in-production.md")
_STYLES = "github-markdown-css"
_RECIPE = re.compile(r"^local:.*\n((?:\t.*\n)+)", re.M)


def comment_digest(root: Path) -> str:
    """The digest for the pictures of a plan comment: the photographed pages, and the version of their styles."""
    packages = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    version = packages[f"node_modules/{_STYLES}"]["version"]
    return _digest(f"{version}\n", *(comment_page(root, theme.name) for theme in THEMES))


def comment_page(root: Path, theme_name: str, styles: Path = Path()) -> str:
    """The page of the plan comment in a theme. styles: the folder with the styles."""
    (theme,) = (theme for theme in THEMES if theme.name == theme_name)
    markdown = (root / COMMENT).read_text(encoding="utf-8")
    return github_page(markdown, stylesheet=str(styles / _STYLES / f"github-markdown-{theme.name}.css"), theme=theme)


def recording_digest(root: Path) -> str:
    """The digest for the recording of `make local`: its steps, and its final output."""
    recipe = _RECIPE.search((root / "Makefile").read_text(encoding="utf-8"))
    if recipe is None:
        raise ValueError("the Makefile has no target `local`; allowed: one with a recipe")
    summary = root / "local" / "summary.py"
    return _digest(recipe[1], summary.read_text(encoding="utf-8"))


def _digest(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
    return f"sha256:{digest.hexdigest()}"

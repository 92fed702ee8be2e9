"""GitHub's other configuration: who approves changes, and what Dependabot updates."""

import re
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED
from tools.checkout import Checkout

UPDATES: list[dict[str, Any]] = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
# The file with the pinned versions, by Dependabot's ecosystem name.
MANIFESTS = {
    "gomod": ("go.mod",),
    "npm": ("package.json",),
    "pip": ("Pipfile", "requirements.txt"),
    "github-actions": ("action.yml",),
}


def folders(update: dict[str, Any]) -> list[str]:
    return [str(folder) for folder in update.get("directories", [update.get("directory")])]


@pytest.mark.parametrize("ecosystem", sorted(MANIFESTS))
def test_dependabot_updates_every_manifest(ecosystem: str) -> None:
    files = [file for file in Checkout(ROOT).files if PurePosixPath(file).name in MANIFESTS[ecosystem]]
    patterns = [
        pattern for update in UPDATES if update["package-ecosystem"] == ecosystem for pattern in folders(update)
    ]
    assert files
    for file in files:
        folder = PurePosixPath("/", file).parent
        assert any(folder.match(pattern) or str(folder) == pattern for pattern in patterns), file


def test_dependabot_lists_nothing_else() -> None:
    for update in UPDATES:
        for folder in folders(update):
            # For actions, "/" means .github/workflows.
            if not (update["package-ecosystem"] == "github-actions" and folder == "/"):
                names = MANIFESTS[update["package-ecosystem"]]
                assert any(list(ROOT.glob(f"{folder[1:] or '.'}/{name}")) for name in names), folder


def test_updates_go_to_the_branch_of_an_unprotected_environment() -> None:
    branches = {environment.branch for environment in SETTINGS.lasting() if not environment.protected}
    assert {update["target-branch"] for update in UPDATES} <= branches


def test_one_line_names_the_owner_of_everything() -> None:
    (line,) = re.findall(r"^[^#\n].*", (ROOT / ".github" / "CODEOWNERS").read_text(), re.M)
    organisation = SHARED.repository.split("/")[0]
    assert re.fullmatch(rf"\* @{organisation}/[a-z][a-z0-9-]*", line)

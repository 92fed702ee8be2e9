"""What GitHub reads besides the workflows: whom it asks for approval, and what Dependabot keeps current."""

import re
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED
from tools.checkout import Checkout

UPDATES: list[dict[str, Any]] = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
# The file that names what is pinned, by Dependabot's name of the ecosystem.
MANIFESTS = {
    "gomod": ("go.mod",),
    "npm": ("package.json",),
    "pip": ("Pipfile", "requirements.txt"),
    "github-actions": ("action.yml",),
}


def folders(update: dict[str, Any]) -> list[str]:
    return [str(folder) for folder in update.get("directories", [update.get("directory")])]


@pytest.mark.parametrize("ecosystem", sorted(MANIFESTS))
def test_every_manifest_is_kept_current(ecosystem: str) -> None:
    files = [file for file in Checkout(ROOT).files if PurePosixPath(file).name in MANIFESTS[ecosystem]]
    patterns = [
        pattern for update in UPDATES if update["package-ecosystem"] == ecosystem for pattern in folders(update)
    ]
    assert files
    for file in files:
        folder = PurePosixPath("/", file).parent
        assert any(folder.match(pattern) or str(folder) == pattern for pattern in patterns), file


def test_nothing_else_is_listed() -> None:
    for update in UPDATES:
        for folder in folders(update):
            # "/" of the actions is .github/workflows.
            if not (update["package-ecosystem"] == "github-actions" and folder == "/"):
                names = MANIFESTS[update["package-ecosystem"]]
                assert any(list(ROOT.glob(f"{folder[1:] or '.'}/{name}")) for name in names), folder


def test_updates_go_to_the_branch_of_an_environment_that_may_break() -> None:
    branches = {environment.branch for environment in SETTINGS.lasting() if not environment.protected}
    assert {update["target-branch"] for update in UPDATES} <= branches


def test_one_line_names_who_approves_everything() -> None:
    (line,) = re.findall(r"^[^#\n].*", (ROOT / ".github" / "CODEOWNERS").read_text(), re.M)
    organisation = SHARED.repository.split("/")[0]
    assert re.fullmatch(rf"\* @{organisation}/[a-z][a-z0-9-]*", line)

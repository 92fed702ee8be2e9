"""The pull request in which a workflow proposes images for an environment."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from delivery.github.branch_file import file_text, put_file
from delivery.github.client import GitHub
from delivery.github.kept_pull_request import (
    close_pull_request,
    find_pull_request,
    keep_pull_request,
    start_workflows,
)
from delivery.github.objects import PullRequest
from delivery.images.settings_edit import set_images
from environments.schema.catalogue import file_of
from environments.schema.settings import Environment, Image
from modules.model.selected_settings import SHARED

# Workflows that start when a person opens a pull request, but not when a workflow's token does. A test compares them.
CHECKS = ("propose.yml", "ci.yml")


@dataclass(frozen=True, kw_only=True)
class ImageEdit:
    """An environment's file on its branch, before and after the new images. base: the branch's last commit."""

    environment: Environment
    base: str
    before: str
    after: str

    @property
    def changes_nothing(self) -> bool:
        """Whether the branch already has these images."""
        return self.before == self.after


def image_edit(github: GitHub, environment: Environment, images: Mapping[str, Image]) -> ImageEdit:
    """Read the environment's file on its branch and put images into it; writes nothing to GitHub.

    Raises GitHubError, and SettingsEditError for a file whose images cannot be edited.
    """
    path = file_of(environment.name)
    base = github.branch(environment.deployed_branch(SHARED)).commit.sha
    before = file_text(github, path, base)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path
        file.parent.mkdir()
        file.write_text(before, encoding="utf-8")
        after = set_images(file, images)
    return ImageEdit(environment=environment, base=base, before=before, after=after)


def propose(github: GitHub, edit: ImageEdit, *, branch: str, title: str, body: str) -> PullRequest:
    """Commit only this edit to its own branch, and open or update the branch's pull request. Raises GitHubError."""
    environment = edit.environment
    commit = put_file(
        github, branch=branch, base=edit.base, path=file_of(environment.name), text=edit.after, message=title
    )
    pull_request = keep_pull_request(
        github, branch=branch, base=environment.deployed_branch(SHARED), title=title, body=body
    )
    start_workflows(github, CHECKS, branch=branch, commit=commit)
    return pull_request


def withdraw(github: GitHub, environment: Environment, *, branch: str, why: str) -> PullRequest | None:
    """Close the branch's pull request, if one is open, with a comment that says why. Raises GitHubError."""
    found = find_pull_request(github, branch=branch, base=environment.deployed_branch(SHARED))
    if found:
        close_pull_request(github, found, why)
    return found

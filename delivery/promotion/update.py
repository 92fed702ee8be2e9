"""Proposes the newest build for environments that take every build."""

from collections.abc import Mapping
from dataclasses import dataclass

from delivery.github.client import GitHub
from delivery.images.registry import ImageRegistry, NoImageError, ResolvedImage
from delivery.images.selection import LATEST, select
from delivery.promotion.commits import commits_between
from delivery.promotion.image_pull_request import image_edit, propose, withdraw
from delivery.promotion.refusal import RefusedError
from delivery.promotion.report import named
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.settings import Environment, Image, Shared


@dataclass(frozen=True, kw_only=True)
class Update:
    """An environment, with its branch's settings, and the services that an update of its images asks."""

    environment: Environment
    shared: Shared
    registry: ImageRegistry
    github: GitHub

    @property
    def branch(self) -> str:
        """One branch for each environment: a newer build replaces the previous proposal."""
        return f"images/{self.environment.name}"

    def make(self) -> str:
        """Open, update or close the pull request, and return what was done.

        Writes nothing if it raises RefusedError, SelectionError, RegistryError or SettingsEditError. Raises
        GitHubError.
        """
        name = self.environment.name
        if self.environment.protected:
            raise RefusedError(
                f"{name} is protected: it gets only what was verified elsewhere; allowed: an unprotected environment, "
                f"or python -m delivery promote FROM {name}"
            )
        selected = select(self.registry, self.environment, LATEST).images
        images = {field: Image(tag=image.tag, digest=image.digest) for field, image in selected.items()}
        [tag] = {image.tag for image in selected.values()}
        edit = image_edit(self.github, self.environment, images)
        newer = [field for field, image in selected.items() if self._is_newer(field, image)]
        if edit.changes_nothing or newer:
            return (
                f"{name}: {self._withdraw('something newer' if newer else 'these images')}; the newest build is {tag}"
            )
        title = f"Deploy {tag} to {name}"
        pull_request = propose(self.github, edit, branch=self.branch, title=title, body=self._body(images))
        return f"{name}: {tag} is proposed in #{pull_request.number}"

    def _withdraw(self, what: str) -> str:
        why = f"the settings on {self.environment.deployed_branch(self.shared)} already have {what}"
        comment = f"Closed, since {why}."
        closed = withdraw(self.github, self.environment, branch=self.branch, why=comment)
        return f"{why}, and #{closed.number} was closed" if closed else why

    def _is_newer(self, field: str, proposed: ResolvedImage) -> bool:
        """Whether the settings name an image that was pushed after the proposed one."""
        image = self.environment.images[field]
        try:
            settings = self.registry.find(APPLICATION_OF_FIELD[field].repository, image)
        except NoImageError:
            return False
        return settings.digest != proposed.digest and settings.pushed_at > proposed.pushed_at

    def _body(self, images: Mapping[str, Image]) -> str:
        rows = ["| application | the settings say | comes | commits |", "|---|---|---|---|"]
        for field, image in images.items():
            before = self.environment.images[field]
            commits = commits_between(self.github, self.shared.argocd.chart_repository, before.tag, image.tag)
            rows.append(f"| {APPLICATION_OF_FIELD[field].name} | {named(before)} | {named(image)} | {commits} |")
        return "\n\n".join(
            [
                f"The newest build that every repository has, for {self.environment.name}. A newer one replaces it "
                "here; when the settings have it, or something newer, this pull request is closed.",
                "\n".join(rows),
            ]
        )

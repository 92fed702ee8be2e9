"""Promotes the images that run, verified, in one environment into the settings of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.github.client import GitHub
from delivery.github.objects import PullRequest
from delivery.history.record import Record, records
from delivery.images.registry import ImageRegistry
from delivery.images.running import RunningImage
from delivery.promotion.commits import commits_between
from delivery.promotion.image_pull_request import image_edit, propose
from delivery.promotion.migration import migration_in
from delivery.promotion.refusal import RefusedError
from delivery.promotion.report import ImageRow, migrations_between, table
from delivery.promotion.running import running_digests
from delivery.promotion.soak import Soaked, moment, soaked
from delivery.promotion.tags import promoted_image
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.settings import Environment, Image, Shared


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """The two environments of a promotion, and the services it asks.

    registry: for both. github: for this repository, with a token that may read deployments, write a branch, open pull
    requests and start workflows.
    """

    source: Environment
    target: Environment
    shared: Shared
    registry: ImageRegistry
    github: GitHub

    @property
    def branch(self) -> str:
        """One branch for each target environment: a promotion replaces the previous one."""
        return f"promote/{self.target.name}"

    def check_names(self) -> None:
        """Raise RefusedError if both are the same environment, before any request."""
        if self.source.name == self.target.name:
            raise RefusedError(f"{self.source.name} would be promoted to itself; allowed: two environments")

    def make(self, running: Mapping[str, Sequence[RunningImage]], now: datetime) -> PullRequest:
        """Open the pull request, or update the open one. running: what the source's pods run.

        Writes nothing if it raises RefusedError, RecordError or SettingsEditError. Raises GitHubError.
        """
        source, target = self.source, self.target
        digests = running_digests(source.name, running)
        found = soaked(
            source.name,
            digests,
            records(self.github, source.name),
            soak=timedelta(minutes=self.shared.soak_minutes),
            now=now,
        )
        recorded = found.record.deployed.images
        images = {
            field: promoted_image(
                self.registry,
                application.repository,
                digest=recorded[field].digest,
                recorded_tag=recorded[field].tag,
                must_stay=target.protected,
            )
            for field, application in APPLICATION_OF_FIELD.items()
        }
        edit = image_edit(self.github, target, images)
        if edit.changes_nothing:
            raise RefusedError(f"nothing to promote: the settings of {target.name} already name these images")
        title = f"Promote {', '.join(sorted({image.tag or '' for image in images.values()}))} to {target.name}"
        return propose(self.github, edit, branch=self.branch, title=title, body=self._body(found, images))

    def _body(self, found: Soaked, images: Mapping[str, Image]) -> str:
        source, target = self.source.name, self.target.name
        last = next(records(self.github, target), None)
        rows = [self._row(field, image, self._runs(field, last), found) for field, image in images.items()]
        whence = "as its last recorded deploy left it" if last else "as its settings say: no deploy is recorded"
        return "\n\n".join(
            [
                f"What runs in {source}, for {target}. The deploy of {found.record.commit} in {source} was verified "
                "with these digests, and no check has failed since.",
                table(rows, runs=f"runs in {target}", comes="comes", since=f"runs in {source} since"),
                f"What runs in {target} is {whence}. Going back is a revert of this pull request's merge: "
                "docs/recovery.md describes a revert across migrations.",
            ]
        )

    def _row(self, field: str, image: Image, runs: Image, found: Soaked) -> ImageRow:
        application = APPLICATION_OF_FIELD[field]
        if application.migration_command:
            heads = [migration_in(self.registry, application.repository, row) for row in (runs, image)]
            migrations = migrations_between(*heads)
        else:
            migrations = "none: it has no database"
        return ImageRow(
            application=application.name,
            runs=runs,
            comes=image,
            commits=commits_between(self.github, self.shared.argocd.chart_repository, runs.tag, image.tag),
            migrations=migrations,
            since=moment(found.since),
        )

    def _runs(self, field: str, last: Record | None) -> Image:
        recorded = last.deployed.images.get(field) if last else None
        return Image(tag=recorded.tag, digest=recorded.digest) if recorded else self.target.images[field]

"""Gives a pull request a slot, if it may have one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from delivery.images.registry import ImageRegistry, RegistryError
from delivery.preview import holder
from delivery.preview.claim import Images
from delivery.preview.claim_store import ClaimStore
from delivery.preview.claims import AllTakenError, Claims, Wanted
from delivery.preview.error import PreviewError
from delivery.preview.pull_requests import PullRequests, Refused, Unclear
from delivery.preview.slot_table import slot_table
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.previews import Previews
from environments.schema.settings import Image


@dataclass(frozen=True, kw_only=True)
class Claiming:
    """What a claim needs. slots: all of them, in the order of assignment. pull_requests: None to skip GitHub."""

    previews: Previews
    slots: Sequence[str]
    store: ClaimStore
    registry: ImageRegistry
    pull_requests: PullRequests | None

    def claim(self, repository: str, pull_request: int, commit: str | None, tags: Mapping[str, str]) -> str:
        """Claim a slot for a pull request, or renew its claim, and return the slot's name.

        commit: its head, which GitHub is asked about. tags: of its images, by the fields of ``Environment.images``.
        Raises PreviewError, which lists who has which slot if all are taken.
        """
        if repository != self.previews.repository:
            raise PreviewError(
                f"{repository} is not the repository of the previews; allowed: {self.previews.repository} "
                "(previews.repository in environments/shared.py)",
                unusable=True,
            )
        self._admit(repository, pull_request, commit)
        wanted = Wanted(
            id=uuid4().hex,
            repository=repository,
            pull_request=pull_request,
            commit=commit,
            images=self._images(tags),
        )
        got: list[str] = []

        def change(claims: Claims, now: datetime) -> Claims:
            try:
                changed, name = claims.claimed(wanted, self.slots, now, is_gone=holder.is_gone)
            except AllTakenError as error:
                table = slot_table(claims, self.slots, self.previews, now)
                raise AllTakenError("\n".join([f"{error}; allowed: release one of these first:", *table])) from None
            got[:] = [name]
            return changed

        reading = self.store.update(change)
        (name,) = got
        claim = reading.claims.slot(name).claim
        renewed = claim is not None and claim.id != wanted.id
        print(f"{name}: {'renewed for' if renewed else 'claimed by'} {claim}: {wanted.images}", flush=True)
        return name

    def _admit(self, repository: str, pull_request: int, commit: str | None) -> None:
        if self.pull_requests is None:
            return
        if commit is None:
            raise PreviewError("--github without --commit; allowed: the head commit of the pull request", unusable=True)
        refusal = self.pull_requests.refusal(repository, pull_request, commit)
        if isinstance(refusal, Refused):
            raise PreviewError(f"{repository}#{pull_request} gets no preview: {refusal.reason}")
        if isinstance(refusal, Unclear):
            raise PreviewError(f"cannot tell whether {repository}#{pull_request} may have a preview: {refusal.reason}")

    def _images(self, tags: Mapping[str, str]) -> Images:
        found, problems = {}, []
        for field, application in APPLICATION_OF_FIELD.items():
            try:
                image = self.registry.resolve(application.repository, tags[field])
            except RegistryError as error:
                problems.append(f"{application.name}: {error}; allowed: a tag that its build has pushed")
            else:
                found[field] = Image(tag=image.tag, digest=image.digest)
        if problems:
            raise PreviewError("\n".join(problems))
        return Images.model_validate(found)

"""Shows a pull request its preview: one comment and one GitHub deployment, both in the application's repository."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from delivery.github.client import GitHub, GitHubError
from delivery.github.deployments import add_status, create_deployment, deployments
from delivery.github.sticky_comment import own_comments, put_comment
from delivery.preview.claim import Claim
from delivery.preview.claim_store import ClaimStore
from delivery.preview.error import PreviewError
from delivery.preview.note import Note
from delivery.preview.pull_request_comment import PreviewView, State, comment, is_preview_comment, state_of
from environments.schema.previews import Previews
from environments.schema.settings import Environment

# Other tools may write deployments of the same environment.
TASK = "preview"
_STATES: Mapping[State, Literal["in_progress", "success", "failure", "inactive"]] = {
    State.UNDERWAY: "in_progress",
    State.RUNNING: "success",
    State.FAILED: "failure",
    State.ASLEEP: "inactive",
    State.EMPTIED: "inactive",
}


@dataclass(frozen=True, kw_only=True)
class PullRequestPage:
    """github: for the previews' repository. slots: all, by name. run_url: of this workflow run."""

    github: GitHub
    previews: Previews
    slots: Mapping[str, Environment]
    store: ClaimStore
    run_url: str

    def tell(self, notes: Iterable[Note]) -> bool:
        """Update the comments and deployments; print which failed, and return whether all succeeded."""
        told = [self._told(note) for note in notes]
        return all(told)

    def _told(self, note: Note) -> bool:
        try:
            self.show(note)
        except (GitHubError, PreviewError) as error:
            # The decision still stands, and the next pull request is still updated.
            print(f"{self.previews.repository}#{note.pull_request} could not be updated: {error}", flush=True)
            return False
        return True

    def show(self, note: Note) -> None:
        """Update the comment and the deployment of a pull request.

        Without a preview, an existing comment stays, and none is created if there is nothing to say. Raises
        GitHubError, and PreviewError if the claims cannot be read.
        """
        number, view = note.pull_request, self._view(note)
        if view is None and note.notice is None and not self._has_comment(number):
            return
        text = comment(view, notice=note.notice)
        put_comment(self.github, number, text, is_preview_comment, is_own=self.github.is_own)
        if view is not None and view.claim.commit is not None:
            self._keep_deployment(view, view.claim.commit)

    def _view(self, note: Note) -> PreviewView | None:
        reading = self.store.read()
        # Of two claims, the one that is not being emptied.
        found = sorted(reading.claims.of(self.previews.repository, note.pull_request), key=lambda row: row[1].ending)
        for name, claim in found:
            if name in self.slots:
                state = State.UNDERWAY if note.underway else state_of(reading.claims.slot(name), reading.now)
                return PreviewView(
                    slot=self.slots[name], claim=claim, state=state, previews=self.previews, run_url=self.run_url
                )
        return None

    def _has_comment(self, number: int) -> bool:
        return bool(own_comments(self.github, number, is_preview_comment, is_own=self.github.is_own))

    def _keep_deployment(self, view: PreviewView, commit: str) -> None:
        """Set the state of the deployment of this claim's commit; GitHub itself ends the slot's previous one."""
        environment = view.slot.name
        found = deployments(self.github, environment, task=TASK, commit=commit)
        deployment = next((row for row in found if row.payload == _payload(view.claim)), None)
        if deployment is None:
            deployment = create_deployment(
                self.github,
                commit=commit,
                environment=environment,
                task=TASK,
                payload=_payload(view.claim),
                description=str(view.claim.images),
                is_production=False,
            )
        add_status(
            self.github,
            deployment,
            state=_STATES[view.state],
            description=view.state,
            log_url=view.run_url,
            environment_url=f"https://{view.slot.web.hosts[0]}",
            ends_others=True,
        )


def _payload(claim: Claim) -> dict[str, object]:
    return {"pull_request": claim.pull_request, "claim": claim.id}

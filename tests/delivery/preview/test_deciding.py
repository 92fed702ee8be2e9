"""Events are decided from the records and GitHub's answers, never from an incomplete answer."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from delivery.images.registry import ImageRegistry
from delivery.preview.claiming import Claiming
from delivery.preview.claims import Claims, Slot
from delivery.preview.deciding import Decided, Deciding
from delivery.preview.github_event import ClaimEvent, EndEvent, SweepEvent
from delivery.preview.github_pull_requests import GitHubPullRequests
from delivery.preview.note import Note
from delivery.rehearsal.github_stand_in import GitHubStandIn, Row
from environments.schema.previews import Previews
from tests.delivery.github.github_fixture import HEAD, REPOSITORY, client, pull_request, serving
from tests.delivery.images.registry_contents import RegistryContents
from tests.delivery.preview import recorded
from tests.delivery.preview.memory_s3 import MemoryS3
from tests.delivery.preview.recorded import HOUR, NOW, SLOTS, images, lease

PREVIEWS = Previews(repository=REPOSITORY, slots=3, asleep_after_hours=12, released_after_days=5)
SWEEP, EVERY = SweepEvent(every=False), SweepEvent(every=True)
Decide = Callable[..., Decided]


def labelled(number: int, **fields: object) -> Row:
    return pull_request(number, **{"state": "open", "merged_at": None, "labels": [{"name": "preview"}], **fields})


def slot(number: int = 7, **fields: Any) -> Slot:  # noqa: ANN401 fields of a claim, or work
    work = fields.pop("work", None)
    return Slot(claim=recorded.claim(number, repository=REPOSITORY, **fields), work=work)


def claimed(*slots: Slot) -> Claims:
    return Claims(slots=dict(zip(SLOTS, slots, strict=False)))


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving(labelled(7), labelled(8)) as standin:
        yield standin


@pytest.fixture
def s3() -> MemoryS3:
    return MemoryS3()


@pytest.fixture
def decide(github: GitHubStandIn, s3: MemoryS3, registry: ImageRegistry) -> Decide:
    """Return a function that decides about an event, given these claims, if any."""

    def of(event: ClaimEvent | EndEvent | SweepEvent, claims: Claims | None = None, *, now: datetime = NOW) -> Decided:
        if claims is not None:
            s3.body = claims.model_dump_json().encode()
        s3.now = now
        pull_requests = GitHubPullRequests(github=client(github), previews=PREVIEWS)
        claiming = Claiming(
            previews=PREVIEWS, slots=SLOTS, store=s3.store, registry=registry, pull_requests=pull_requests
        )
        return Deciding(
            previews=PREVIEWS,
            slots=SLOTS,
            store=s3.store,
            claiming=claiming,
            pull_requests=pull_requests,
            machine_time=now,
        ).decide(event)

    return of


def build(number: int = 7, tag: str = "pr-7", commit: str = HEAD) -> ClaimEvent:
    return ClaimEvent(pull_request=number, commit=commit, images={"web": tag, "core-api": tag})


def test_a_build_claims_a_slot_and_deploys_it(decide: Decide, s3: MemoryS3, contents: RegistryContents) -> None:
    contents.build("pr-7", 1)
    assert decide(build()) == Decided(
        tasks=(("preview-1", "deploy"),), notes=(Note(pull_request=7, underway=True),), is_clear=True
    )
    claim = s3.claims.slot("preview-1").claim
    assert claim
    assert (claim.pull_request, claim.commit, claim.images.web.tag) == (7, HEAD, "pr-7")


def test_the_next_push_has_the_same_slot(decide: Decide, s3: MemoryS3, contents: RegistryContents) -> None:
    contents.build("pr-7", 1)
    decided = decide(build(), claimed(slot(8), slot(7, asleep=True)))
    assert decided.tasks == (("preview-2", "deploy"),)
    claim = s3.claims.slot("preview-2").claim
    assert claim
    assert (claim.images.web.tag, claim.asleep) == ("pr-7", False)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (build(tag="gone"), "web: "),
        (build(commit="1" * 40), f"its head is {HEAD}"),
        (build(number=9), "cannot tell whether mosaic-stories/platform#9 may have a preview"),
    ],
    ids=["no such image", "an older commit", "no such pull request"],
)
def test_a_refusal_is_posted_to_the_pull_request_and_claims_nothing(
    decide: Decide, s3: MemoryS3, contents: RegistryContents, event: ClaimEvent, said: str
) -> None:
    contents.build("pr-7", 1)
    decided = decide(event)
    assert (decided.tasks, decided.is_clear) == ((), False)
    (note,) = decided.notes
    assert said in (note.notice or "")
    assert s3.claims == Claims()


def test_if_all_slots_are_taken_the_refusal_says_by_whom(decide: Decide, contents: RegistryContents) -> None:
    contents.build("pr-7", 1)
    (note,) = decide(build(), claimed(slot(20), slot(21), slot(22))).notes
    assert "mosaic-stories/platform#7: no slot is free" in (note.notice or "")
    assert all(f"mosaic-stories/platform#{number}" in (note.notice or "") for number in (20, 21, 22))


@pytest.mark.parametrize("change", [{"state": "closed"}, {"labels": []}])
def test_an_end_event_ends_a_closed_pull_requests_preview(
    decide: Decide, github: GitHubStandIn, s3: MemoryS3, change: Row
) -> None:
    github.pull_requests[0] |= change
    decided = decide(EndEvent(pull_request=7), claimed(slot(8), slot(7)))
    assert decided == Decided(tasks=(("preview-2", "sweep"),), notes=(Note(pull_request=7),), is_clear=True)
    assert {name: each.claim and each.claim.ending for name, each in s3.claims.slots.items()} == {
        "preview-1": False,
        "preview-2": True,
    }


def test_an_end_event_for_an_open_pull_request_ends_nothing(decide: Decide, s3: MemoryS3) -> None:
    """Anybody who can send events could otherwise end any preview; or it was reopened meanwhile."""
    before = claimed(slot(7))
    assert decide(EndEvent(pull_request=7), before) == Decided()
    assert s3.claims == before


def test_an_unconfirmed_end_event_is_left_to_the_next_sweep(decide: Decide, s3: MemoryS3) -> None:
    before = claimed(slot(9))
    assert decide(EndEvent(pull_request=9), before) == Decided(is_clear=False)
    assert s3.claims == before


def test_an_end_event_without_a_slot_makes_no_request(decide: Decide, github: GitHubStandIn) -> None:
    assert decide(EndEvent(pull_request=7)) == Decided()
    assert github.requests == []


@pytest.mark.parametrize(
    ("found", "later", "done"),
    [
        (Slot(), 0 * HOUR, False),
        (slot(), 0 * HOUR, False),
        (slot(), 13 * HOUR, True),
        (slot(asleep=True), 13 * HOUR, False),
        (slot(asleep=True), 121 * HOUR, True),
        (slot(ending=True), 0 * HOUR, True),
        (slot(ending=True, work=lease("release")), 0 * HOUR, False),
        (slot(work=lease()), 1 * HOUR, True),
        (slot(deployed=None), 0 * HOUR, False),
        (slot(deployed=None), 1 * HOUR, True),
        (slot(images=images(2)), 1 * HOUR, True),
        (slot(images=images(2), failed=images(2)), 1 * HOUR, False),
        (slot(deployed=None, failed=images()), 13 * HOUR, True),
        (Slot(work=lease("release")), 1 * HOUR, True),
    ],
    ids=[
        *("free", "new", "to sleep", "asleep", "over", "ending", "being emptied", "deploy that died"),
        *("claimed", "never deployed", "push never deployed", "failed", "failed, to sleep", "cleaning that died"),
    ],
)
def test_a_sweep_selects_the_slots_with_work(
    decide: Decide,
    found: Slot,
    later: timedelta,
    done: bool,  # noqa: FBT001 a parameter
) -> None:
    decided = decide(SWEEP, claimed(found), now=NOW + later)
    assert decided.tasks == ((("preview-1", "sweep"),) if done else ())
    assert decided.notes == ((Note(pull_request=7),) if done and found.claim else ())
    assert decided.is_clear


def test_an_ended_claim_is_marked_so_that_it_cannot_be_renewed(
    decide: Decide, github: GitHubStandIn, s3: MemoryS3, contents: RegistryContents
) -> None:
    github.pull_requests[0]["state"] = "closed"
    decide(SWEEP, claimed(slot(7)))
    found = s3.claims.slot("preview-1").claim
    assert found
    assert found.ending
    github.pull_requests[0]["state"] = "open"
    contents.build("pr-7", 1)
    assert decide(build()).tasks == (("preview-2", "deploy"),), "reopened, it gets another slot"


def test_free_slots_are_checked_once_a_day(decide: Decide) -> None:
    decided = decide(EVERY, claimed(slot(7), Slot(work=lease("release"))))
    assert decided.tasks == (("preview-3", "sweep"),), "one is claimed, and another one worked on"
    assert decided.notes == ()


@pytest.mark.usefixtures("no_retries")
def test_an_unclear_slot_does_not_affect_others(decide: Decide, github: GitHubStandIn, s3: MemoryS3) -> None:
    github.pull_requests[0]["labels"] = None
    github.pull_requests[1]["state"] = "closed"
    decided = decide(SWEEP, claimed(slot(7), slot(8), slot(9)), now=NOW + 200 * HOUR)
    assert (decided.tasks, decided.is_clear) == ((("preview-2", "sweep"),), False)
    assert [each.claim and each.claim.ending for each in s3.claims.slots.values()] == [False, True, False]


def test_a_claim_renewed_meanwhile_is_kept(decide: Decide, github: GitHubStandIn, s3: MemoryS3) -> None:
    """A push arrives between the check at GitHub and the mark."""
    github.pull_requests[0]["state"] = "closed"
    before, after = claimed(slot(7)), claimed(slot(7, renewed_at=NOW + HOUR))
    reads: list[None] = []

    def renew() -> None:
        reads.append(None)
        if len(reads) == 2:
            s3.body = after.model_dump_json().encode()

    s3.before = renew
    assert decide(SWEEP, before).tasks == ()
    assert s3.claims == after


def test_a_wrong_clock_ends_nothing(
    decide: Decide, s3: MemoryS3, github: GitHubStandIn, registry: ImageRegistry
) -> None:
    before = claimed(slot(7))
    decide(SWEEP, before)
    s3.now = NOW + 500 * HOUR
    pull_requests = GitHubPullRequests(github=client(github), previews=PREVIEWS)
    claiming = Claiming(previews=PREVIEWS, slots=SLOTS, store=s3.store, registry=registry, pull_requests=pull_requests)
    deciding = Deciding(
        previews=PREVIEWS,
        slots=SLOTS,
        store=s3.store,
        claiming=claiming,
        pull_requests=pull_requests,
        machine_time=NOW,
    )
    assert deciding.decide(SWEEP) == Decided(is_clear=False)
    assert s3.claims == before


def test_pull_requests_without_a_slot_are_reported(decide: Decide, capsys: pytest.CaptureFixture[str]) -> None:
    decide(SWEEP, claimed(slot(7)))
    assert "mosaic-stories/platform#8 has the label but no preview" in capsys.readouterr().out

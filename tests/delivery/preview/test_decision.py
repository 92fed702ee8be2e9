"""The sweep's decision for a slot, as a table."""

from dataclasses import replace
from datetime import timedelta

import pytest

from delivery.preview.claim import Claim
from delivery.preview.claims import Slot
from delivery.preview.clock import Clock
from delivery.preview.decision import Action, Facts, decide
from delivery.preview.lease import DURATION
from delivery.preview.pull_requests import Open, Over, Unclear
from tests.delivery.preview.recorded import HOUR, NOW, PREVIEWS, claim, images, lease

DAY = 24 * HOUR
SECOND = timedelta(seconds=1)
SOMETHING = ("namespace mosaic-preview-1",)
CLOSED, SILENT = Over(reason="it was closed"), Unclear(reason="GitHub: 500")
HELD, LEFT = {"held": lease()}, {"work": lease()}
NEW = {"deployed": None}


def facts(record: Claim | None, **fields: object) -> Facts:
    """Return facts of a slot with an open pull request and existing objects, optionally at a later time (``after``)."""
    values = {"work": None, "held": None, "pull_request": Open(), "exists": SOMETHING, "after": 0 * HOUR, **fields}
    work, now = values.pop("work"), NOW + values.pop("after")  # type: ignore[operator]
    slot = Slot.model_validate({"claim": record, "work": work or values["held"]})
    return Facts(slot=slot, clock=Clock(now=now), **values)  # type: ignore[arg-type]


TABLE = [
    # A free slot.
    (facts(None, exists=()), Action.KEEP, "free"),
    (facts(None), Action.CLEAN, "nobody has it, but it still holds namespace mosaic-preview-1"),
    (facts(None, work=lease("release")), Action.CLEAN, "nobody has it"),
    (facts(None, exists=Unclear(reason="no answer")), Action.REPORT, "cannot tell what exists: no answer"),
    (facts(None, **HELD), Action.KEEP, "held: deploy by https://github.com/mosaic-stories/platform/actions/runs/1"),
    # A claim in progress, in any state.
    (facts(claim(), **HELD, pull_request=CLOSED, after=9 * DAY), Action.KEEP, "held: "),
    (facts(claim(ending=True), **HELD), Action.KEEP, "held: "),
    # Because of its pull request.
    (facts(claim()), Action.KEEP, "#7, sleeps at 2026-12-01 00:00 UTC, ends at 2026-12-05 12:00 UTC"),
    (facts(claim(), pull_request=None), Action.KEEP, "sleeps at"),
    (facts(claim(), pull_request=CLOSED), Action.RELEASE, "mosaic-stories/mosaic-life#7: it was closed"),
    (facts(claim(), pull_request=CLOSED, exists=()), Action.RELEASE, "it was closed"),
    (facts(claim(asleep=True), pull_request=CLOSED), Action.RELEASE, "it was closed"),
    (
        facts(claim(), pull_request=SILENT),
        Action.REPORT,
        "cannot tell whether mosaic-stories/mosaic-life#7 is open: GitHub: 500",
    ),
    # Unclear facts end nothing, even if another reason exists.
    (facts(claim(), pull_request=SILENT, after=9 * DAY), Action.REPORT, "GitHub: 500"),
    (facts(claim(), pull_request=CLOSED, exists=Unclear(reason="no answer")), Action.REPORT, "no answer"),
    (facts(claim(ending=True), exists=Unclear(reason="no answer")), Action.REPORT, "no answer"),
    (facts(claim(), exists=Unclear(reason="no answer"), after=9 * DAY), Action.REPORT, "no answer"),
    # An interrupted release continues, regardless of the pull request's state.
    (facts(claim(ending=True)), Action.RELEASE, "did not finish"),
    (facts(claim(ending=True), exists=()), Action.RELEASE, "did not finish"),
    (facts(claim(ending=True), pull_request=SILENT), Action.RELEASE, "did not finish"),
    (facts(claim(ending=True), work=lease("release")), Action.RELEASE, "did not finish"),
    # Because of its age.
    (facts(claim(), after=12 * HOUR - SECOND), Action.KEEP, "sleeps at"),
    (facts(claim(), after=12 * HOUR), Action.SLEEP, "has not been renewed since 2026-11-30 12:00 UTC"),
    (facts(claim(), after=12 * HOUR, work=lease("sleep")), Action.SLEEP, "has not been renewed"),
    (facts(claim(), after=12 * HOUR, exists=()), Action.KEEP, "sleeps at"),
    (facts(claim(asleep=True), after=12 * HOUR), Action.KEEP, "#7, asleep, ends at 2026-12-05 12:00 UTC"),
    (facts(claim(), after=5 * DAY - SECOND), Action.SLEEP, "has not been renewed"),
    (facts(claim(), after=5 * DAY), Action.RELEASE, "has not been renewed since 2026-11-30 12:00 UTC"),
    (facts(claim(asleep=True), after=5 * DAY), Action.RELEASE, "has not been renewed"),
    (facts(claim(), pull_request=None, after=5 * DAY), Action.RELEASE, "has not been renewed"),
    (facts(claim(renewed_at=NOW + 4 * DAY), after=5 * DAY), Action.SLEEP, "has not been renewed"),
    # With a clock slightly behind the previous one, or set back.
    (facts(claim(renewed_at=NOW + timedelta(minutes=5))), Action.KEEP, "sleeps at"),
    (
        facts(claim(renewed_at=NOW + HOUR)),
        Action.REPORT,
        "it was renewed at 2026-11-30 13:00 UTC, but now is 2026-11-30",
    ),
    # A dead run.
    (facts(claim(**NEW), **LEFT), Action.DEPLOY, "the deploy for mosaic-stories/mosaic-life#7 did not finish"),
    (facts(claim(), **LEFT), Action.DEPLOY, "did not finish"),
    # Renewed after a run died while it removed the pods.
    (facts(claim(), work=lease("sleep")), Action.DEPLOY, "did not finish"),
    (facts(claim(), **LEFT, pull_request=CLOSED), Action.RELEASE, "it was closed"),
    (facts(claim(), **LEFT, after=12 * HOUR), Action.SLEEP, "has not been renewed"),
    (facts(claim(**NEW), exists=(), after=DURATION - SECOND), Action.KEEP, "sleeps at"),
    (facts(claim(**NEW), exists=(), after=DURATION), Action.DEPLOY, "did not finish"),
    (facts(claim(images=images(2)), after=DURATION), Action.DEPLOY, "did not finish"),
    (facts(claim(images=images(2), failed=images(2)), after=DURATION), Action.KEEP, "sleeps at"),
    (facts(claim(), exists=(), after=DURATION), Action.DEPLOY, "did not finish"),
]


@pytest.mark.parametrize(("facts", "action", "reason"), TABLE)
def test_a_slot_is_judged_by_all_known_facts(facts: Facts, action: Action, reason: str) -> None:
    decision = decide(facts, PREVIEWS)
    assert decision.action is action, decision
    assert reason in decision.reason


@pytest.mark.parametrize("facts", [row[0] for row in TABLE if row[0].slot.claim and not row[0].held])
def test_differing_clocks_end_nothing_because_of_age(facts: Facts) -> None:
    doubtful = replace(facts, clock=Clock.of(facts.clock.now, facts.clock.now + timedelta(minutes=6)))
    decision = decide(doubtful, PREVIEWS)
    if decision.action is Action.RELEASE:
        assert facts.pull_request == CLOSED or (facts.slot.claim and facts.slot.claim.ending)
    else:
        assert decision.action is Action.REPORT
        assert any(word in decision.reason for word in ("S3's clock says", "GitHub: 500", "no answer"))


@pytest.mark.parametrize(("minutes", "agree"), [(-6, False), (-5, True), (0, True), (5, True), (6, False)])
def test_two_clocks_may_differ_by_five_minutes(minutes: int, *, agree: bool) -> None:
    clock = Clock.of(NOW, NOW + timedelta(minutes=minutes))
    assert clock.now == NOW
    assert (clock.problem is None) is agree

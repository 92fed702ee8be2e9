"""Only a process that has read the claims' latest version can replace it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from delivery.preview.claim_store import ClaimStore
from delivery.preview.claims import AllTakenError, Claims, HeldError, Slot
from delivery.preview.error import PreviewError
from delivery.preview.lease import DURATION, Lease
from modules.model.names import claims_object
from modules.model.selected_settings import SHARED
from tests.delivery.preview.clocked_s3 import client_with_clock
from tests.delivery.preview.memory_s3 import MemoryS3
from tests.delivery.preview.recorded import NOW, REPOSITORY, SLOTS, claim, claims, wanted

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, KEY = claims_object(SHARED)


@pytest.fixture
def s3(session: boto3.Session) -> "S3Client":
    client = client_with_clock(session)
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def store(s3: "S3Client") -> ClaimStore:
    return ClaimStore(s3, bucket=BUCKET, key=KEY)


def claiming(number: int) -> Callable[[Claims, datetime], Claims]:
    return lambda claims, now: claims.claimed(wanted(number), SLOTS, now)[0]


def test_without_any_claim_all_slots_are_free(store: ClaimStore) -> None:
    reading = store.read()
    assert (reading.claims, reading.tag, reading.now) == (Claims(), None, NOW)


def test_the_time_comes_from_the_servers_answer(empty_account: str) -> None:
    s3 = boto3.Session("made-up", "made-up", region_name=SHARED.region).client("s3", endpoint_url=empty_account)
    s3.create_bucket(Bucket=BUCKET)
    reading = ClaimStore(s3, bucket=BUCKET, key=KEY).update(claiming(7))
    assert abs(reading.now - datetime.now(UTC)) < timedelta(minutes=1)


def test_an_answer_without_a_date_is_an_error(session: boto3.Session, s3: "S3Client", store: ClaimStore) -> None:
    """Without the date, a claim's age is unknown."""
    store.update(claiming(7))
    # Without a server in between, moto sends no date.
    with pytest.raises(PreviewError, match="S3's answer has no date"):
        ClaimStore(session.client("s3"), bucket=BUCKET, key=KEY).read()


def test_claims_are_read_back_as_written(store: ClaimStore) -> None:
    full = claims(preview_1=Slot(claim=claim(asleep=True)), preview_2=Slot(work=Lease(what="sleep", by="x", until=NOW)))
    store.update(lambda _, __: full)
    assert store.read().claims == full


def test_the_second_writer_gets_another_slot(store: ClaimStore) -> None:
    """The second writer's change, based on the old content, is rejected and recomputed."""
    met = 0

    def second(found: Claims, now: datetime) -> Claims:
        nonlocal met
        met += 1
        if met == 1:
            store.update(claiming(7))
        return found.claimed(wanted(8), SLOTS, now)[0]

    assert store.update(second).claims.slot_of(REPOSITORY, 8) == "preview-2"
    assert met == 2


def test_a_claim_of_the_last_slot_is_refused_if_somebody_was_faster(store: ClaimStore) -> None:
    for number in (1, 2):
        store.update(claiming(number))

    def slow(found: Claims, now: datetime) -> Claims:
        if not list(found.of(REPOSITORY, 3)):
            store.update(claiming(3))
        return found.claimed(wanted(4), SLOTS, now)[0]

    with pytest.raises(AllTakenError):
        store.update(slow)
    assert list(store.read().claims.of(REPOSITORY, 4)) == []


def test_endless_conflicts_end_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryS3().store
    monkeypatch.setattr("delivery.preview.claim_store._PAUSE_SECONDS", 0)
    numbers = iter(range(100))

    def beaten(found: Claims, now: datetime) -> Claims:
        store.update(lambda _, __: claims(preview_1=Slot(claim=claim(next(numbers) + 1))))
        return claims(preview_2=Slot(claim=claim(1000)))

    with pytest.raises(PreviewError, match="other runs changed it during all 20 attempts"):
        store.update(beaten)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "all of it: Invalid JSON"),
        (b'{"slots": ', "all of it: Invalid JSON"),
        (b"[]", "all of it: "),
        (b'{"slots": {}, "version": 2}', "version: Extra inputs are not permitted"),
        (b'{"slots": {"staging": {"claim": null, "work": null}}}', "slots.staging"),
        (b'{"slots": {"preview-1": {"claim": {"id": "x"}, "work": null}}}', "slots.preview-1.claim"),
        (b'{"slots": {"preview-1": {"claim": null, "work": {"what": "rest", "by": "", "until": 1}}}}', "work.what"),
    ],
)
def test_foreign_content_is_reported_and_never_overwritten(
    s3: "S3Client", store: ClaimStore, text: bytes, said: str
) -> None:
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=text)
    with pytest.raises(PreviewError) as error:
        store.update(claiming(7))
    assert f"s3://{BUCKET}/{KEY}: " in str(error.value)
    assert said in str(error.value)
    assert "allowed: what this project writes" in str(error.value)
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == text


def test_an_account_without_bootstrap_is_reported(session: boto3.Session) -> None:
    with pytest.raises(PreviewError, match=r"cannot be read: GetObject: NoSuchBucket.*make bootstrap"):
        ClaimStore.of(session, SHARED).read()


class Actors(RuleBasedStateMachine):
    """Actors claim, work, die and release in any order, and any two writes can conflict.

    An actor computes its change from content read before the others' writes, as if it were slow.
    """

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryS3().store
        self.now = NOW
        self.holding: dict[str, Lease] = {}

    @rule(number=st.integers(1, 5), other=st.integers(1, 5))
    def two_claim_at_once(self, number: int, other: int) -> None:
        met = False

        def slow(found: Claims, _: datetime) -> Claims:
            nonlocal met
            if not met:
                met = True
                self._claim(other)
            return found.claimed(wanted(number), SLOTS, self.now)[0]

        try:
            self.store.update(slow)
        except AllTakenError:
            assert all(self.store.read().claims.slot(name) != Slot() for name in SLOTS)

    @rule(name=st.sampled_from(SLOTS), actor=st.sampled_from(["one", "two"]))
    def begin_release(self, name: str, actor: str) -> None:
        lease = Lease(what="release", by=actor, until=self.now + DURATION)
        try:
            self.store.update(lambda found, _: found.taken(name, lease, self.now, expected=found.slot(name).claim))
        except HeldError:
            held = self.holding[name]
            assert held.by != actor
            assert not held.is_over(self.now)
        else:
            self.holding[name] = lease

    @rule(name=st.sampled_from(SLOTS))
    def end_release(self, name: str) -> None:
        if lease := self.holding.pop(name, None):
            self.store.update(lambda found, _: found.freed(name, lease))

    @rule(name=st.sampled_from(SLOTS))
    def break_off(self, name: str) -> None:
        if lease := self.holding.pop(name, None):
            self.store.update(lambda found, _: found.given_back(name, lease))

    @rule()
    def time_passes(self) -> None:
        self.now += DURATION / 2

    @invariant()
    def no_pull_request_has_two_slots_but_one_that_is_being_emptied(self) -> None:
        slots = self.store.read().claims
        for number in range(1, 6):
            assert sum(not found.ending for _, found in slots.of(REPOSITORY, number)) <= 1

    def _claim(self, number: int) -> None:
        with suppress(AllTakenError):
            self.store.update(lambda found, _: found.claimed(wanted(number), SLOTS, self.now)[0])


TestInterleavings = Actors.TestCase
TestInterleavings.settings = settings(max_examples=20, stateful_step_count=20)

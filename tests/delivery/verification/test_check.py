"""How checks run: each to its end within its time limit, without secrets in their output."""

import json
import threading
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from hypothesis import assume, given
from hypothesis import strategies as st

from delivery.account.error import CheckError
from delivery.redaction.mask import PLACEHOLDER, Mask
from delivery.verification import check as checking
from delivery.verification.check import Caution, Check, Outcome, Status, perform


def made(run: Callable[[], str | Caution], *, waits: bool = False, seconds: float = 0.0) -> tuple[Outcome, list[str]]:
    said: list[str] = []
    check = Check(name="a check", run=run, expected="this", look="there", waits=waits)
    return perform(check, deadline=time.monotonic() + seconds, progress=said.append), said


def fails(error: Exception) -> Callable[[], str]:
    def run() -> str:
        raise error

    return run


def test_a_check_without_problems_is_ok() -> None:
    assert made(lambda: "fine") == (Outcome(status=Status.OK, text="fine"), [])


def test_a_caution_is_a_warning() -> None:
    assert made(lambda: Caution("look at this"))[0] == Outcome(status=Status.WARNING, text="look at this")


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (CheckError("it is blue"), "it is blue"),
        (KeyError("Endpoint"), "KeyError: 'Endpoint'"),
        (ClientError({"Error": {"Code": "NoSuchBucket", "Message": "none"}}, "HeadBucket"), "NoSuchBucket: none"),
    ],
)
def test_a_check_that_raises_fails_with_what_is_expected_and_where_to_look(error: Exception, found: str) -> None:
    outcome, _ = made(fails(error))
    assert outcome == Outcome(status=Status.FAILED, text=f"{found}; expected: this; look at: there")


def test_verify_waits_for_checks_that_may_become_ok(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_PAUSE_SECONDS", 0.0)
    answers = iter(["not yet", "nearly", None])

    def run() -> str:
        missing = next(answers)
        if missing:
            raise CheckError(missing)
        return "fine"

    assert made(run, waits=True, seconds=60) == (Outcome(status=Status.OK, text="fine"), ["not yet", "nearly"])


def test_verify_stops_waiting_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_PAUSE_SECONDS", 0.01)
    outcome, said = made(fails(CheckError("never")), waits=True, seconds=0.1)
    assert outcome.status is Status.FAILED
    assert set(said) == {"never"}


@pytest.mark.parametrize(
    ("error", "waits"), [(CheckError("failed for good", lasting=True), True), (CheckError("wrong"), False)]
)
def test_verify_fails_at_once_if_waiting_cannot_help(error: CheckError, waits: bool) -> None:  # noqa: FBT001 a table's column
    outcome, said = made(fails(error), waits=waits, seconds=60)
    assert outcome.status is Status.FAILED
    assert said == []


def test_a_hanging_check_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "ATTEMPT_SECONDS", 0.05)
    release = threading.Event()

    def run() -> str:
        release.wait()
        return "too late"

    outcome, _ = made(run)
    release.set()
    assert outcome.status is Status.FAILED
    assert outcome.text.startswith("no answer within")


@given(st.text(min_size=8))
def test_a_secret_is_never_printed_plainly_in_a_url_or_in_json(secret: str) -> None:
    masked = f"around {PLACEHOLDER} it"
    assume(secret not in masked)
    redaction = Mask()
    redaction.add(secret)
    for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
        assert redaction.clean_line(f"around {form} it") == masked


def test_the_longest_secret_is_masked_first_and_text_is_put_on_one_line() -> None:
    redaction = Mask()
    redaction.add("password-1")
    redaction.add("postgresql://user:password-1@host")
    assert redaction.clean_line("no  route:\n postgresql://user:password-1@host") == f"no route: {PLACEHOLDER}"

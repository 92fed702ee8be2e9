"""verify, as other commands run it."""

import pytest

from delivery.verification.verify_run import VerifyRun, run_verify
from tests.delivery.command_line import KEYS, NOWHERE


def test_unanswered_questions_are_not_failed_checks(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**KEYS, "MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE}.items():
        monkeypatch.setenv(name, value)
    run = run_verify("staging")
    assert (run.code, run.passed, run.found_failure) == (2, False, False)
    assert run.failed[-1].startswith("verify: ")
    assert run.failed[-1] in capfd.readouterr().out
    assert run.summary == "verify could not ask the environment"


def test_failed_checks_are_listed_without_their_texts() -> None:
    run = VerifyRun(code=1, failed=("FAIL rollout web: 0 of 1 pods are ready", "FAIL pods: web: CrashLoopBackOff"))
    assert run.summary == "2 failed checks: rollout web, pods"


def test_a_run_that_passed_says_so() -> None:
    assert VerifyRun(code=0).summary == "every check of verify passed"

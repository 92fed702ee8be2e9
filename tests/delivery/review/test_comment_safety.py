"""A comment must never show secrets or markup from values."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.redaction.mask import Mask
from delivery.report.markdown import block, code, printable
from delivery.review.outcome import Failure, Planned
from tests.delivery.plan_documents import (
    guard_result,
    plan,
    real_document,
    resource,
)
from tests.delivery.plans.scenarios import MARKUP, PLANTED
from tests.delivery.review.comment_writing import comment, outcome, planned
from tests.delivery.review.prose import outside_code


def test_planted_secrets_are_in_the_plan_and_not_in_the_comment() -> None:
    assert PLANTED in json.dumps(real_document("staging-planted"))
    written = comment(outcome("staging-planted"))
    assert PLANTED not in written
    assert "env[PLANTED_SENSITIVE].value: (sensitive value)" in written
    assert "env[PLANTED_PLAIN].value" in written


def test_a_sensitive_value_is_masked_wherever_it_is_repeated() -> None:
    secret = 'a "quoted" \\ secret/with?parts'
    row = resource(
        "aws_iam_role",
        "change",
        {"a": "old", "b": secret, "c": "x"},
        {"a": secret, "b": "old", "c": json.dumps({"password": f"{secret}!"})},
        after_sensitive={"a": True},
    )
    written = comment(Planned(plan=plan(row), stack={}, guard_result=guard_result("staging")))
    assert "with?parts" not in written
    assert "! a: old → (sensitive value)" in written
    assert '! b: "(sensitive value)" → old' in written
    assert '! c: x → {"password": "(sensitive value)!"}' in written


def test_a_changed_sensitive_value_is_shown_as_changed() -> None:
    marks: dict[str, Any] = {"before_sensitive": {"a": True}, "after_sensitive": {"a": True}}
    row = resource("aws_iam_role", "change", {"a": "one"}, {"a": "two"}, **marks)
    assert "! a: (sensitive value) → (sensitive value)" in comment(
        Planned(plan=plan(row), stack={}, guard_result=guard_result("staging"))
    )


def test_a_secret_longer_than_the_shown_part_is_masked_before_the_cut() -> None:
    secret = "s3cr3t" * 200
    row = resource("aws_iam_role", "create", None, {"a": secret, "b": secret}, after_sensitive={"a": True})
    written = comment(Planned(plan=plan(row), stack={}, guard_result=guard_result("staging")))
    assert "s3cr3t" not in written
    assert "a: (sensitive value)" in written
    assert "b: (sensitive value)" in written


@pytest.mark.parametrize(
    "line",
    [
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIPLANTED",
        '{"SecretString":"PLANTED-value"}',
        '{\\"password\\":\\"PLANTED-value\\"}',
        "Authorization: Bearer PLANTED-value",
        "postgresql://mosaic_staging:PLANTED-value@127.0.0.1:5432/core_staging",
        "k8s-aws-v1.PLANTEDaHR0cHM6Ly9zdHMudXMtZWFzdC0x",
        "https://sts.amazonaws.com/?X-Amz-Signature=PLANTED0123",
        "ghp_PLANTED0123456789abcdefghij",
        "eyJhbGciOiJSUzI1NiJ9.eyJQTEFOVEVEIjoxfQ.PLANTEDsignature",
        "-----BEGIN RSA PRIVATE KEY-----\nPLANTED\n-----END RSA PRIVATE KEY-----",
        "token = PLANTED-value",
        "Error: the id AKIAPLANTED012345678 is not valid",
    ],
)
def test_credentials_in_a_log_are_masked(line: str) -> None:
    written = comment(Failure(environment="staging", log=f"Error: it failed\n{line}\nthe end"))
    assert "PLANTED" not in written
    assert "Error: it failed" in written or "Error: the id" in written
    assert "the end" in written


def test_a_log_keeps_text_that_is_not_secret() -> None:
    log = "Error: password authentication failed for user mosaic_staging; the token is expired"
    assert Mask().clean_log(log) == log


def test_markup_in_values_stays_in_code() -> None:
    """Outside of code, the comment has only this program's own markup."""
    written = comment(outcome("staging-planted"))
    assert MARKUP.partition("\n")[0] in written
    prose = outside_code(written)
    for piece in ("<script", "@mosaic-stories/admins", "https://example.com", "## Approved"):
        assert piece in written
        assert piece not in prose


@given(st.text() | st.text("`\n\r a<>\u202e\x1b"))
@example(MARKUP)
@example("```\n</details>")
def test_code_blocks_can_contain_any_text(text: str) -> None:
    assert outside_code(f"before {code(text)} after") == "before  after"
    assert outside_code(f"before\n{block(printable(text))}\nafter") == "before\nafter"
    assert not [character for character in code(text) if unicodedata.category(character)[0] == "C"]


def test_markup_in_an_address_a_finding_or_a_reason_stays_in_code() -> None:
    row = {**resource("aws_s3_bucket", "destroy", {"bucket": MARKUP}), "address": f'aws_s3_bucket.x["{MARKUP}"]'}
    text = f"plan-guard: allow names staging:aws_s3_bucket.y because {MARKUP.partition(chr(10))[0]}"
    found = planned("staging", plan(row), {"terraform": {}, "resource": {}}, text)
    written = comment(found, text=text)
    prose = outside_code(written)
    for piece in ("<script", "@mosaic", "## Approved", "[x]"):
        assert piece in written
        assert piece not in prose


def test_markup_in_a_log_stays_in_code() -> None:
    written = comment(Failure(environment="staging", log=f"\x1b[31mError:\x1b[0m {MARKUP}\n````\n</details>\n# Hello"))
    assert "\x1b" not in written
    assert "# Hello" in written
    assert "# Hello" not in outside_code(written)


def test_a_log_line_with_a_whole_file_does_not_hide_the_others() -> None:
    written = comment(Failure(environment="staging", log=f"Error: bad\n{'x' * 50_000}\nthe reason"))
    assert "Error: bad" in written
    assert "the reason" in written

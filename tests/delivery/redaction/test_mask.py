"""Secrets are never printed, in any form."""

import base64
import json
import time
from textwrap import indent

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.redaction.mask import PLACEHOLDER, Mask, environment_secrets, is_placeholder
from tests.delivery.redaction.writing import FORMS, secrets

PEM = "-----BEGIN CERTIFICATE-----\n" + "\n".join(
    base64.b64encode(bytes((index * 31 + line) % 256 for index in range(48))).decode() for line in range(6)
)
PEM += "\nc2hvcnQ=\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("form", FORMS)
@given(secret=secrets(), before=st.text(" .:{[(,;-", max_size=9), after=st.text(" .:}]),;-", max_size=9))
def test_a_secret_is_masked_in_any_form_and_position(form: str, secret: str, before: str, after: str) -> None:
    written = FORMS[form](secret)
    said = Mask([secret]).clean(f"{before}{written}{after}")
    assert written not in said
    assert said.startswith(before)
    assert said.endswith(after)
    assert PLACEHOLDER in said


@given(secrets(), st.data())
def test_a_partly_escaped_secret_is_masked(secret: str, data: st.DataObject) -> None:
    ways = data.draw(st.lists(st.integers(0, 3), min_size=len(secret), max_size=len(secret)))

    def written(character: str, way: int) -> str:
        if way == 1:
            return "".join(f"%{byte:02x}" for byte in character.encode())
        if way == 2 and ord(character) < 0x10000:
            return f"\\u{ord(character):04X}"
        return f"&#{ord(character)};" if way == 3 else json.dumps(character)[1:-1]

    text = "".join(map(written, secret, ways))
    assert Mask([secret]).clean(f"a: {text}, b") == f"a: {PLACEHOLDER}, b"


def test_each_line_of_a_secret_is_masked() -> None:
    said = Mask([PEM]).clean(f"key: |\n{indent(PEM, '    ')}\nend")
    assert not [line for line in PEM.splitlines() if line in said]
    assert said.endswith("\nend")
    assert Mask([PEM]).clean(json.dumps(PEM)) == f'"{PLACEHOLDER}"'
    assert Mask([PEM]).clean(base64.b64encode(PEM.encode()).decode()) == PLACEHOLDER


def test_a_trailing_newline_is_not_part_of_a_secret() -> None:
    assert Mask(["the-password\n"]).clean("x the-password y") == f"x {PLACEHOLDER} y"


def test_texts_too_short_for_a_secret_are_kept() -> None:
    assert Mask(["short", "", "1234567"]).clean("short 1234567 words") == "short 1234567 words"


def test_overlapping_secrets_are_masked_completely() -> None:
    mask = Mask(["first-half-and", "half-and-second"])
    assert mask.clean("x first-half-and-second y") == f"x {PLACEHOLDER} y"


SEQUENCES = (
    "\x1b[31m",
    "\x1b[0;1m",
    "\x1b]0;title\x07",
    "\x1b]8;;https://x.example\x1b\\",
    "\x1b(B",
    "\x9b1m",
    "\x00",
    "\u200b",
)


@given(secrets(), st.sampled_from(SEQUENCES), st.data())
@example("Q7bcdfgh bcdfghZ9", "\x1b[\x1b[0m31m", None)
def test_terminal_control_sequences_do_not_hide_a_secret_in_a_log(
    secret: str, sequence: str, data: st.DataObject | None
) -> None:
    secret = secret.replace("\t", "")
    place = data.draw(st.integers(0, len(secret))) if data else 5
    said = Mask([secret]).clean_log(f"Error: {secret[:place]}{sequence}{secret[place:]} end")
    assert said == f"Error: {PLACEHOLDER} end"


def test_an_overwriting_line_is_shown_below_the_overwritten_one() -> None:
    assert Mask().clean_log("10%\r20%\r\nend") == "10%\n20%\nend"


TOKENS = [
    "AIza" + "SyPLANTED-0123456789_abcdefghijklmn",
    "GOCSPX-" + "PLANTED0123456789_abcdef",
    "ya29." + "a0PLANTED-0123456789",
    "ghu_" + "PLANTED0123456789abcdef",
    "ghs_" + "PLANTED0123456789abcdef",
    "github_pat_" + "11PLANTED0_0123456789abcdef",
    "glpat-" + "PLANTED-0123456789abc",
    "xoxb-" + "0123456789-PLANTEDabcdef",
    "xoxp-" + "0123456789-PLANTEDabcdef",
    "xapp-" + "1-A0123-PLANTEDabcdef",
    "https://hooks.slack.com/services/" + "T0/B0/PLANTEDabcdef",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJQTEFOVEVEIn0.PLANTED-signature",
    "sk_live_" + "PLANTED0123456789",
    "rk_test_" + "PLANTED0123456789",
    "whsec_" + "PLANTED0123456789",
    "npm_" + "PLANTED0123456789abcdefghijklmnopqrs",
    "AKIA" + "PLANTED012345678",
    "aws_secret_access_key = " + "PLANTED/0123456789+abcdefghijklmnopqrstu",
    "AWS Secret Access Key: " + "PLANTED/0123456789+abcdefghijklmnopqrstu",
    "postgresql://user:" + "PLANTED-0123@host/db",
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("place", ["{}", 'a = "{}"', "key={}&x", "({})", "\n{}\n", "x/{} y"])
def test_a_credential_is_recognized_by_its_format(token: str, place: str) -> None:
    assert "PLANTED" not in Mask().clean(place.format(token))


@pytest.mark.parametrize(
    "line",
    [
        "pwd=PLANTED",
        "api_key: PLANTED",
        "apikey=PLANTED",
        "API-KEY => PLANTED",
        '"password": "PLANTED, and PLANTED more"',
        "password: 'PLANTED, and PLANTED more'",
        '\\"client_secret\\": \\"PLANTED\\"',
        "access_key=PLANTED&x=1",
        "private-key : PLANTED",
        "passphrase = PLANTED",
        "Authorization: Basic PLANTED",
        "credential=PLANTED",
    ],
)
def test_values_after_a_credentials_name_are_masked_in_a_log(line: str) -> None:
    said = Mask().clean_log(f"Error: {line}\nend")
    assert "PLANTED" not in said
    assert said.startswith("Error: ")
    assert said.endswith("\nend")


@pytest.mark.parametrize(
    "text",
    [
        "Error: password authentication failed for user mosaic_staging; the token is expired",
        "arn:aws:iam::033691785857:role/mosaic-staging-deploy",
        "https://example.com:443/path?x=1 and 50% of &amp; ''",
        "033691785857.dkr.ecr.us-east-1.amazonaws.com/core-api@sha256:" + "0" * 64,
        "sk_lives on; eyJ is how JSON begins; xox-",
    ],
)
def test_text_that_is_not_secret_is_kept(text: str) -> None:
    assert Mask(["another-secret"]).clean_log(text) == text


def seconds(mask: Mask, text: str) -> float:
    begin = time.process_time()
    mask.clean_log(text)
    return time.process_time() - begin


@pytest.mark.parametrize(
    "piece",
    [
        "2026-11-24 Error: something is wrong with aws_iam_role.x\n",
        "\\u0",
        "\\",
        "eyJ-",
        "eyJaaaaaaaa.",
        "%4",
        "&#1",
        "\x1b[",
        "\x1b]\x9d",
        "password ",
        'token="',
        "https://a:",
        "-----BEGIN PRIVATE KEY-----",
        "''",
        "xoxb-",
        "a-secret-of-tests",
        " ",
    ],
)
def test_the_time_grows_about_linearly_with_the_text(piece: str) -> None:
    """Eight times the text takes at most 24 times as long; quadratic time would be 64 times as long."""
    mask = Mask(["a-secret-of-tests" * 2, PEM])
    short = (piece * 10_000)[:10_000]
    least = min(seconds(mask, short) for _ in range(3))
    assert min(seconds(mask, short * 8) for _ in range(3)) < 24 * max(least, 0.005)


def test_values_of_variables_with_secret_names_are_secrets() -> None:
    variables = {"GITHUB_TOKEN": "one", "AWS_SECRET_ACCESS_KEY": "two", "PGPASSWORD": "three", "HOME": "four"}
    assert environment_secrets(variables) == {"one", "two", "three"}


@pytest.mark.parametrize("text", ["(sensitive value)", "(sensitive value 1)", "(sensitive value 0123456789abcdef)"])
def test_only_a_whole_placeholder_is_a_placeholder(text: str) -> None:
    assert is_placeholder(text)
    assert not is_placeholder(f"{text}x")

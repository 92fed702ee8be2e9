"""The comment on real plans, whole against golden files, and its promises about size, secrets and markup."""

import copy
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.comment_header import CommentHeader
from delivery.comment_text import CommentTooLongError, Failure, Outcome, Planned, compose
from delivery.markdown import LIMIT, block, code, printable
from delivery.masking import Mask
from delivery.overrides import Overrides
from delivery.plan_comment import main
from delivery.plan_diff import resource_lines
from delivery.plan_document import Plan
from delivery.plan_guard import guard
from delivery.plan_hash import plan_hash
from tests.delivery.plan_documents import (
    FOLDER,
    document,
    plan,
    real_document,
    real_plan,
    real_stack,
    resource,
    verdict,
)
from tests.delivery.plans.scenarios import MARKUP, PLANTED

COMMENTS = Path(__file__).parent / "comments"
COMMIT = "4f9d2c1b0e8a7d6c5b4a39281706f5e4d3c2b1a0"
URL = "https://github.com/mosaic-stories/platform/actions/runs/1/artifacts/2"
COMMAND = ".venv/bin/python -m pytest tests/delivery/test_plan_comment.py --regenerate"
BACKUPS_GO = "the backups moved to another account on 2026-11-20"
ALLOWED = "\n".join(
    f"plan-guard: allow {rule} prod:{address} because {BACKUPS_GO}"
    for rule, address in (
        ("data-loss", "aws_s3_bucket.backups"),
        ("data-protection", "aws_s3_bucket_lifecycle_configuration.media_lifecycle"),
        ("quota", "kubernetes_resource_quota_v1.namespace_quota"),
    )
)
# Each comment: the plans that it is about, and the pull request's text.
GOLDEN = {
    "empty": (("staging-empty",), ""),
    "small": (("staging-replicas",), ""),
    "image": (("staging-image", "prod-empty"), ""),
    "rotation": (("staging-rotation",), ""),
    "adoption": (("prod-adopt", "staging-empty"), ""),
    "replacement": (("staging-replacement",), ""),
    "loosened": (("staging-loosened", "prod-empty"), ""),
    "neighbour": (("staging-neighbour",), ""),
    "destroy-in-production": (("staging-replicas", "prod-destroy"), ""),
    "destroy-in-production-allowed": (("prod-destroy",), ALLOWED),
    "failed": (("staging-replicas", "prod-failed"), ""),
    "planted": (("staging-planted",), ""),
}


def outcome(name: str, text: str = "") -> Outcome:
    environment = name.partition("-")[0]
    log = FOLDER / f"{name}.log"
    if log.exists():
        return Failure(environment=environment, log=log.read_text())
    return planned(environment, real_plan(name), real_stack(name), text)


def planned(environment: str, plan_: Plan, stack: dict[str, Any], text: str = "") -> Planned:
    return Planned(plan=plan_, verdict=guard(environment, plan_, stack=stack, overrides=Overrides.of(text)))


def comment(*outcomes: Outcome, text: str = "", artifact_url: str | None = URL) -> str:
    secrets = {secret for row in outcomes if isinstance(row, Planned) for secret in row.plan.secrets}
    return compose(outcomes, commit=COMMIT, artifact_url=artifact_url, overrides=Overrides.of(text), mask=Mask(secrets))


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str, pytestconfig: pytest.Config) -> None:
    plans, text = GOLDEN[name]
    written = comment(*(outcome(row, text) for row in plans), text=text)
    golden = COMMENTS / f"{name}.md"
    if pytestconfig.getoption("--regenerate"):
        golden.write_text(written)
    assert written == golden.read_text(), f"{golden.name} differs; if it is meant, rewrite it: {COMMAND}"


def test_replica_count_is_one_line() -> None:
    changes = [change for change in real_plan("staging-replicas").resources if change.does_something]
    assert [resource_lines(change, Mask()) for change in changes] == [
        ["@@ kubernetes_deployment_v1.web_deployment: change @@", "! spec.replicas: 1 → 2"]
    ]


# The limit


def grown(name: str, copies: int) -> Planned:
    """The plan with every resource as many times, as a for_each would make them."""
    content = real_document(name)
    content["resource_changes"] = [
        {**copy.deepcopy(row), "address": f'{row["address"]}["{index}"]'}
        for row in content["resource_changes"]
        for index in range(copies)
    ]
    return planned(name.partition("-")[0], Plan.parse(json.dumps(content)), real_stack(name))


@pytest.mark.parametrize(
    ("name", "copies"), [("staging-create", 3), ("staging-loosened", 20), ("staging-loosened", 40)]
)
def test_huge_comment_is_cut_between_resources(name: str, copies: int) -> None:
    huge = grown(name, copies)
    written = comment(huge, outcome("prod-failed"))
    assert len(written) <= LIMIT
    header = CommentHeader.of(written)
    assert header
    assert header.cut
    assert "Do not approve from this comment: it is cut." in written
    assert re.search(r"\*\*\d+ of \d+ are not shown\*\*", written)
    whole = {"\n".join(resource_lines(change, Mask())) for change in huge.plan.resources}
    shown = re.search(r"```diff\n(.*?)\n```", written, re.S)
    assert not shown or not set(shown[1].split("\n\n")) - whole


def test_uncut_comment_says_nothing_of_a_cut() -> None:
    written = comment(outcome("staging-create"))
    header = CommentHeader.of(written)
    assert header
    assert not header.cut
    assert "approve" not in written


def test_limit_is_in_code_points() -> None:
    """An emoji is one for GitHub, two in UTF-16 and four in UTF-8."""
    text = "🌈" * 300
    rows = [
        resource("aws_iam_role", "change", {"path": "a"}, {"path": text}, name=f"x{index}") for index in range(1000)
    ]
    assert LIMIT - 1000 < len(comment(Planned(plan=plan(*rows), verdict=verdict("staging")))) <= LIMIT


def test_without_an_artifact_the_reader_is_sent_to_the_run() -> None:
    assert "Read the full plans of the workflow run instead." in comment(grown("staging-create", 3), artifact_url=None)


def test_comment_that_cannot_be_made_short_enough() -> None:
    rows = [Failure(environment=f"e{index}", log="x") for index in range(2000)]
    with pytest.raises(CommentTooLongError, match="without any detail; allowed: 65536"):
        comment(*rows)


# Secrets


def test_planted_secrets_are_in_the_plan_and_not_in_the_comment() -> None:
    assert PLANTED in json.dumps(real_document("staging-planted"))
    written = comment(outcome("staging-planted"))
    assert PLANTED not in written
    assert "env[PLANTED_SENSITIVE].value: (sensitive value)" in written
    assert "env[PLANTED_PLAIN].value" in written


def test_sensitive_value_is_masked_wherever_it_is_repeated() -> None:
    secret = 'a "quoted" \\ secret/with?parts'
    row = resource(
        "aws_iam_role",
        "change",
        {"a": "old", "b": secret, "c": "x"},
        {"a": secret, "b": "old", "c": json.dumps({"password": f"{secret}!"})},
        after_sensitive={"a": True},
    )
    written = comment(Planned(plan=plan(row), verdict=verdict("staging")))
    assert "with?parts" not in written
    assert written.count("(sensitive value)") == 3


def test_changed_sensitive_value_is_seen_to_change() -> None:
    marks: dict[str, Any] = {"before_sensitive": {"a": True}, "after_sensitive": {"a": True}}
    row = resource("aws_iam_role", "change", {"a": "one"}, {"a": "two"}, **marks)
    assert "! a: (sensitive value) → (sensitive value)" in comment(Planned(plan=plan(row), verdict=verdict("staging")))


def test_secret_longer_than_what_is_shown_is_masked_before_the_cut() -> None:
    secret = "s3cr3t" * 200
    row = resource("aws_iam_role", "create", None, {"a": secret, "b": secret}, after_sensitive={"a": True})
    assert "s3cr3t" not in comment(Planned(plan=plan(row), verdict=verdict("staging")))


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


def test_log_keeps_what_is_no_secret() -> None:
    text = "Error: password authentication failed for user mosaic_staging (token: expired, see docs)"
    assert Mask().clean_log("password authentication failed for user") in text


# Markup


def test_markup_in_values_stays_in_code() -> None:
    """Outside of code there is only what this program writes itself."""
    written = comment(outcome("staging-planted"))
    assert MARKUP.partition("\n")[0] in written
    prose = outside_code(written)
    for piece in ("<script", "@mosaic-stories/admins", "https://example.com", "## Approved"):
        assert piece not in prose


def outside_code(text: str) -> str:
    """What is left without fenced blocks and code spans (CommonMark 4.5 and 6.1)."""
    kept, fence = [], ""
    for line in text.splitlines():
        opening = re.match(r"(?:> )* {0,3}(`{3,})", line)
        if fence:
            fence = "" if re.fullmatch(rf" {{0,3}}{fence}`* *", line) else fence
        elif opening:
            fence = opening[1]
        else:
            kept.append(line)
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", "\n".join(kept))


@given(st.text() | st.text("`\n\r a<>\u202e\x1b"))
@example(MARKUP)
@example("```\n</details>")
def test_code_holds_any_text(text: str) -> None:
    assert outside_code(f"before {code(text)} after") == "before  after"
    assert outside_code(f"before\n{block(printable(text))}\nafter") == "before\nafter"
    assert not [character for character in code(text) if unicodedata.category(character)[0] == "C"]


def test_markup_in_an_address_a_finding_and_a_reason() -> None:
    row = {**resource("aws_s3_bucket", "destroy", {"bucket": MARKUP}), "address": f'aws_s3_bucket.x["{MARKUP}"]'}
    text = f"plan-guard: allow names staging:aws_s3_bucket.y because {MARKUP.partition(chr(10))[0]}"
    found = planned("staging", plan(row), {"terraform": {}, "resource": {}}, text)
    written = comment(found, text=text)
    assert not re.search(r"<script|@mosaic|## Approved|\[x\]", outside_code(written))


def test_markup_in_a_log_ends_nothing() -> None:
    written = comment(Failure(environment="staging", log=f"\x1b[31mError:\x1b[0m {MARKUP}\n````\n</details>\n# Hello"))
    assert "\x1b" not in written
    assert "# Hello" not in outside_code(written)


def test_log_line_that_holds_a_whole_file_does_not_hide_the_others() -> None:
    written = comment(Failure(environment="staging", log=f"Error: bad\n{'x' * 50_000}\nthe reason"))
    assert "Error: bad" in written
    assert "the reason" in written


# The header


def test_header_is_read_back() -> None:
    header = CommentHeader.of(comment(outcome("prod-destroy"), outcome("staging-replicas")))
    assert header
    assert header.commit == COMMIT
    assert {name: row.guard for name, row in header.environments.items()} == {"prod": "stopped", "staging": "passed"}
    assert header.environments["staging"].hash == plan_hash(real_plan("staging-replicas"))


def test_header_of_a_failed_plan_has_no_hash() -> None:
    header = CommentHeader.of(comment(outcome("prod-failed")))
    assert header
    assert header.environments["prod"].hash is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "## Plan",
        "<!-- mosaic-plan {} -->",
        "<!-- mosaic-plan -->",
        'a <!-- mosaic-plan {"version":1} -->',
        "<!-- mosaic-plan {] -->",
    ],
)
def test_other_comments_have_no_header(text: str) -> None:
    assert CommentHeader.of(text) is None


def test_header_survives_the_line_ends_of_the_web_form() -> None:
    assert CommentHeader.of(comment(outcome("staging-empty")).replace("\n", "\r\n"))


# The hash


def test_hash_ignores_order_time_and_what_does_not_change() -> None:
    content = real_document("staging-image")
    content["resource_changes"].reverse()
    content["timestamp"] = "2030-01-01T00:00:00Z"
    content["resource_changes"] = [row for row in content["resource_changes"] if row["change"]["actions"] != ["no-op"]]
    for row in content["resource_changes"]:
        for side in ("before", "after"):
            for metadata in (row["change"][side] or {}).get("metadata", []):
                if "resource_version" in metadata:
                    metadata["resource_version"] = "999999"
    shuffled = json.dumps({key: content[key] for key in reversed(content)})
    assert plan_hash(Plan.parse(shuffled)) == plan_hash(real_plan("staging-image"))


BASE = resource(
    "aws_iam_role", "change", {"a": "1", "b": ["x"], "c": None}, {"a": "2", "b": ["x"]}, after_unknown={"c": True}
)


@pytest.mark.parametrize(
    "change",
    [
        {"address": "aws_iam_role.y"},
        {"change": {**BASE["change"], "actions": ["delete", "create"]}},
        {"change": {**BASE["change"], "before": {"a": "0", "b": ["x"]}}},
        {"change": {**BASE["change"], "after": {"a": "3", "b": ["x"]}}},
        {"change": {**BASE["change"], "after": {"a": "2", "b": ["y"]}}},
        {"change": {**BASE["change"], "after": {"a": 2, "b": ["x"]}}},
        {"change": {**BASE["change"], "after_unknown": {}}},
        {"change": {**BASE["change"], "importing": {"id": "r"}}},
        {"previous_address": "aws_iam_role.old"},
    ],
)
def test_hash_differs_with_what_is_done(change: dict[str, Any]) -> None:
    assert plan_hash(plan({**BASE, **change})) != plan_hash(plan(BASE))


def test_hash_differs_with_outputs_and_with_a_resource_more() -> None:
    output = {"x": {"actions": ["update"], "before": "a", "after": "b"}}
    hashes = {
        plan_hash(plan(BASE)),
        plan_hash(plan(BASE, output_changes=output)),
        plan_hash(plan(BASE, resource("aws_iam_role", "destroy", {"id": "r"}, name="y"))),
        plan_hash(plan()),
    }
    assert len(hashes) == 4


def test_hash_says_nothing_about_a_sensitive_value() -> None:
    """Whoever guesses the value could otherwise try it."""
    marks: dict[str, Any] = {"before_sensitive": {"a": True}, "after_sensitive": {"a": True}}
    one, two = (
        plan(resource("aws_iam_role", "change", {"a": "old"}, {"a": value}, **marks)) for value in ("one", "two")
    )
    assert plan_hash(one) == plan_hash(two)
    assert plan_hash(one) != plan_hash(plan(resource("aws_iam_role", "change", {"a": "old"}, {"a": "old"}, **marks)))


# The command line


def run(folder: Path, *arguments: str) -> int:
    for name in ("staging", "prod"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "cdk.tf.json").write_text(json.dumps(real_stack(f"{name}-empty")))
    return main(["--commit", COMMIT, "--out", str(folder / "comment.md"), "--stacks", str(folder), *arguments])


def test_command_writes_the_comment(tmp_path: Path) -> None:
    outcomes = f"staging={FOLDER / 'staging-replicas.plan.json'}", f"prod={FOLDER / 'prod-failed.log'}"
    assert run(tmp_path, *outcomes, "--artifact-url", URL) == 0
    assert (tmp_path / "comment.md").read_text() == (COMMENTS / "failed.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["staging"], "'staging': allowed: ENVIRONMENT=PLAN.json, or ENVIRONMENT=FAILED.log"),
        (["staging=plan.txt"], "'staging=plan.txt': allowed: ENVIRONMENT=PLAN.json"),
        (["nowhere=plan.json"], "environment 'nowhere' is unknown; allowed: prod, staging"),
        (["staging=missing.json"], "missing.json: the plan cannot be read"),
        (["staging=missing.log"], "missing.log: the log cannot be read"),
        ([f"staging={FOLDER / 'staging-empty.stack.json'}"], "staging-empty.stack.json: not a plan"),
        ([f"prod={FOLDER / 'prod-failed.log'}"] * 2, "prod: given more than once; allowed: one file an environment"),
    ],
)
def test_command_refuses_files(
    arguments: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, *arguments) == 2
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "comment.md").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--commit", "main"], "'main' is no commit; allowed: 40 hex digits"),
        (["--artifact-url", "http://example.com"], "cannot be linked; allowed: an https URL"),
        (["--artifact-url", "https://example.com/a)<b"], "cannot be linked; allowed: an https URL"),
    ],
)
def test_command_refuses_arguments(
    arguments: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        run(tmp_path, "staging=plan.json", *arguments)
    assert refused.value.code == 2
    assert expected in capsys.readouterr().err


def test_documents_hold_no_secret_and_no_machine_path() -> None:
    """What this test folder's plans and comments are committed with."""
    for file in (*FOLDER.glob("*.json"), *FOLDER.glob("*.log"), *COMMENTS.glob("*.md")):
        assert not re.search(r"AKIA|PRIVATE KEY|BEGIN CERTIFICATE|/root|/tmp/\w{8}|/var/lib|/work", file.read_text()), (
            file
        )


def test_empty_document_is_a_plan() -> None:
    assert (
        comment(planned("staging", Plan.parse(json.dumps(document())), real_stack("staging-empty"))).count("STOPS") == 0
    )

"""The comment on real plans, whole against golden files; its size, its header, its command line."""

import copy
import json
import re
import tempfile
from pathlib import Path

import pytest

from delivery.commands.comment import main
from delivery.plan.diff import resource_lines
from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.redaction.mask import Mask
from delivery.report.markdown import LIMIT
from delivery.review.comment import CommentTooLongError, Failure, Planned
from delivery.review.header import CommentHeader
from environments.schema import catalogue
from tests.delivery.plan_documents import (
    FOLDER,
    plan,
    real_document,
    real_plan,
    real_stack,
    resource,
    verdict,
)
from tests.delivery.review.comment_writing import COMMENTS, COMMIT, URL, comment, outcome, planned

COMMAND = ".venv/bin/python -m pytest tests/delivery/review/test_comment.py --regenerate"
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


def run(folder: Path, *arguments: str) -> int:
    for name in ("staging", "prod"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "cdk.tf.json").write_text(json.dumps(real_stack(f"{name}-empty")))
    return main(["--commit", COMMIT, "--out", str(folder / "comment.md"), "--stacks", str(folder), *arguments])


def test_command_writes_the_comment(tmp_path: Path) -> None:
    outcomes = f"staging={FOLDER / 'staging-replicas.plan.json'}", f"prod={FOLDER / 'prod-failed.log'}"
    assert run(tmp_path, *outcomes, "--artifact-url", URL) == 0
    assert (tmp_path / "comment.md").read_text() == (COMMENTS / "failed.md").read_text()


def test_command_masks_the_secrets_of_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted+value/of-the-runner")
    log = tmp_path / "failed.log"
    log.write_text("Error: sent planted+value/of-the-runner")
    assert run(tmp_path, f"prod={log}") == 0
    assert "Error: sent (sensitive value)" in (tmp_path / "comment.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["staging"], "'staging': allowed: ENVIRONMENT=PLAN.json, or ENVIRONMENT=FAILED.log"),
        (["staging=plan.txt"], "'staging=plan.txt': allowed: ENVIRONMENT=PLAN.json"),
        (["nowhere=plan.json"], f"environment 'nowhere' is unknown; allowed: {', '.join(catalogue.names())}"),
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
    paths = "|".join(re.escape(f"{path}/") for path in (Path.home(), Path.cwd(), "/var/lib", tempfile.gettempdir()))
    for file in (*FOLDER.glob("*.json"), *FOLDER.glob("*.log"), *COMMENTS.glob("*.md")):
        assert not re.search(rf"AKIA|PRIVATE KEY|BEGIN CERTIFICATE|{paths}", file.read_text()), file

"""Comments on real plans against golden files, and their size and header."""

import copy
import json
import re
import tempfile
from pathlib import Path

import pytest

from delivery.plan.diff import resource_lines
from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.redaction.mask import Mask
from delivery.report.markdown import LIMIT
from delivery.review.comment import CommentTooLongError
from delivery.review.header import CommentHeader
from delivery.review.outcome import Failure, Planned
from tests.delivery.plan_documents import (
    FOLDER,
    guard_result,
    plan,
    real_document,
    real_plan,
    real_stack,
    resource,
)
from tests.delivery.review.comment_writing import COMMENTS, COMMIT, comment, outcome, planned

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
# Each comment: its plans, and the pull request's text.
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
def test_the_comment_matches_its_golden_file(name: str, pytestconfig: pytest.Config) -> None:
    plans, text = GOLDEN[name]
    written = comment(*(outcome(row, text) for row in plans), text=text)
    golden = COMMENTS / f"{name}.md"
    if pytestconfig.getoption("--regenerate"):
        golden.write_text(written)
    assert written == golden.read_text(), f"{golden.name} differs; if it is meant, rewrite it: {COMMAND}"


def test_a_changed_replica_count_is_one_line() -> None:
    changes = [change for change in real_plan("staging-replicas").resources if change.does_something]
    assert [resource_lines(change, Mask()) for change in changes] == [
        ["@@ kubernetes_deployment_v1.web_deployment: change @@", "! spec.replicas: 1 → 2"]
    ]


def grown(name: str, copies: int) -> Planned:
    """The plan with every resource this many times, as with for_each."""
    content = real_document(name)
    content["resource_changes"] = [
        {**copy.deepcopy(row), "address": f'{row["address"]}["{index}"]'}
        for row in content["resource_changes"]
        for index in range(copies)
    ]
    return planned(name.partition("-")[0], Plan.parse(json.dumps(content)), real_stack(name))


@pytest.mark.parametrize(("name", "copies"), [("staging-create", 3), ("staging-loosened", 20)])
def test_a_huge_comment_is_cut_between_resources(name: str, copies: int) -> None:
    huge = grown(name, copies)
    written = comment(huge, outcome("prod-failed"))
    assert len(written) <= LIMIT
    header = CommentHeader.of(written)
    assert header
    assert header.cut
    assert "Do not approve from this comment: it is cut." in written
    whole = {"\n".join(resource_lines(change, Mask())) for change in huge.plan.resources}
    [block] = re.findall(r"```diff\n(.*?)\n```", written, re.S)
    shown = set(block.split("\n\n"))
    assert shown <= whole
    [(hidden, total)] = re.findall(r"\*\*(\d+) of (\d+) are not shown\*\*", written)
    assert len(shown) == int(total) - int(hidden) > 0


def test_an_uncut_comment_does_not_mention_a_cut() -> None:
    written = comment(outcome("staging-create"))
    header = CommentHeader.of(written)
    assert header
    assert not header.cut
    assert "approve" not in written


def test_the_limit_counts_code_points() -> None:
    """An emoji counts as one at GitHub, two in UTF-16 and four in UTF-8."""
    text = "🌈" * 300
    rows = [
        resource("aws_iam_role", "change", {"path": "a"}, {"path": text}, name=f"x{index}") for index in range(1000)
    ]
    assert (
        LIMIT - 1000 < len(comment(Planned(plan=plan(*rows), stack={}, guard_result=guard_result("staging")))) <= LIMIT
    )


def test_without_an_artifact_the_comment_links_the_run() -> None:
    assert "Read the full plans of the workflow run instead." in comment(grown("staging-create", 3), artifact_url=None)


def test_a_comment_that_cannot_be_shortened_enough_is_an_error() -> None:
    rows = [Failure(environment=f"e{index}", log="x") for index in range(2000)]
    with pytest.raises(CommentTooLongError, match="even without details; allowed: 65536"):
        comment(*rows)


def test_the_header_is_read_back() -> None:
    header = CommentHeader.of(comment(outcome("prod-destroy"), outcome("staging-replicas")))
    assert header
    assert header.commit == COMMIT
    assert {name: row.guard for name, row in header.environments.items()} == {"prod": "stopped", "staging": "passed"}
    assert header.environments["staging"].hash == plan_hash(
        real_plan("staging-replicas"), real_stack("staging-replicas")
    )


def test_a_failed_plan_has_no_hash_in_the_header() -> None:
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


def test_the_header_survives_the_web_forms_line_endings() -> None:
    assert CommentHeader.of(comment(outcome("staging-empty")).replace("\n", "\r\n"))


def test_the_committed_plans_contain_no_secret_and_no_local_path() -> None:
    """Checks the committed plans and comments of this test folder."""
    paths = "|".join(re.escape(f"{path}/") for path in (Path.home(), Path.cwd(), "/var/lib", tempfile.gettempdir()))
    files = [*FOLDER.glob("*.json"), *FOLDER.glob("*.log"), *COMMENTS.glob("*.md")]
    assert {file.suffix for file in files} == {".json", ".log", ".md"}
    for file in files:
        assert not re.search(rf"AKIA|PRIVATE KEY|BEGIN CERTIFICATE|{paths}", file.read_text()), file

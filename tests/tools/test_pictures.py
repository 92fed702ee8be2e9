"""The README's pictures and tables match what the code draws now; a test reports stale ones."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from modules.model.project import ROOT
from tests.live.promises import PROMISES
from tools.pictures.__main__ import CAST, COMMENT_INPUTS, PICTURES, drawn, page
from tools.pictures.browser import BrowserError, take_picture
from tools.pictures.cast import Cast, CastError, record, shortened
from tools.pictures.environment_diagram import environment_diagram
from tools.pictures.github_page import rendered
from tools.pictures.inputs import comment_digest, recording_digest
from tools.pictures.page_block import BlockError, with_block
from tools.pictures.promises_table import promises_table

STALE = "stale; draw it again: make pictures"
FOLDER = ROOT / PICTURES


@pytest.fixture(scope="module")
def cast() -> Cast:
    return Cast.parse((FOLDER / CAST).read_text())


@pytest.fixture
def staging(aws_stacks: Path) -> Path:
    return aws_stacks / "staging" / "cdk.tf.json"


@pytest.fixture
def configuration(staging: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(staging.read_text())
    return content


def test_the_readme_contains_the_generated_parts(staging: Path, cast: Cast) -> None:
    readme = (ROOT / "README.md").read_text()
    assert page(readme, root=ROOT, staging=staging, cast=cast) == readme, STALE


def test_the_stored_pictures_match_the_code(cast: Cast) -> None:
    for name, picture in drawn(cast).items():
        assert (FOLDER / name).read_text() == picture, f"{name} is {STALE}"


def test_the_plan_comments_picture_is_current() -> None:
    assert (FOLDER / COMMENT_INPUTS).read_text().strip() == comment_digest(ROOT), STALE


def test_the_recording_of_make_local_is_current(cast: Cast) -> None:
    assert cast.inputs == recording_digest(ROOT), STALE


def test_every_picture_has_a_generator() -> None:
    taken = {CAST, COMMENT_INPUTS, "plan-comment-light.webp", "plan-comment-dark.webp"}
    assert {file.name for file in FOLDER.iterdir()} == taken | drawn(Cast.parse((FOLDER / CAST).read_text())).keys()


def test_the_pictures_are_small() -> None:
    assert {file.name: file.stat().st_size for file in FOLDER.iterdir() if file.stat().st_size > 1_000_000} == {}


def test_the_recording_shows_a_whole_run_without_machine_details(cast: Cast) -> None:
    whole = "\n".join(line for _, line in cast.lines)
    assert re.search(r"^staging: \d+ checks, 0 failed", whole, re.M)
    assert not re.search(r"(?:^|[\s'\"=:])/(?!/)\w", whole, re.M), "an absolute path"


def test_a_recording_survives_writing_and_reading(cast: Cast) -> None:
    assert Cast.parse(cast.as_text()) == cast


@pytest.mark.parametrize("content", ["", "no JSON", "{}", '{"version": 2}\n[1, "o"]'])
def test_an_invalid_recording_is_refused(content: str) -> None:
    with pytest.raises(CastError, match=r"no recording: .*; allowed: what `make pictures` writes"):
        Cast.parse(content)


def test_colours_and_hidden_words_are_removed_from_a_recording(tmp_path: Path) -> None:
    command = ["printf", r"\033[1mstate in %s\033[0m\nready\n", "/secret/place"]
    made = record(command, folder=tmp_path, variables={}, hidden={"/secret/place": "~/state"}, inputs="sha256:1")
    assert [line for _, line in made.lines] == ["state in ~/state", "ready"]


def test_a_command_that_fails_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(CastError, match=r"^false failed with exit code 1; allowed: 0$"):
        record(["false"], folder=tmp_path, variables={}, hidden={}, inputs="sha256:1")


def test_only_terraforms_lines_about_finished_actions_are_kept() -> None:
    plan = [(1.0, f"staging  + attribute {number}") for number in range(30)]
    lines = [
        (0.0, "etcd   ready after 1 s"),
        *plan,
        (2.0, "         Plan: 2 to add, 0 to change, 0 to destroy."),
        (3.0, "staging  aws_s3_bucket.media: Creating..."),
        (4.0, "staging  aws_s3_bucket.media: Creation complete after 1s [id=mosaic]"),
        (5.0, "staging: 2 checks, 0 failed"),
    ]
    assert [line for _, line in shortened(lines)] == [
        "etcd   ready after 1 s",
        "... 30 lines of Terraform's plan and progress",
        "         Plan: 2 to add, 0 to change, 0 to destroy.",
        "staging  aws_s3_bucket.media: Creation complete after 1s",
        "staging: 2 checks, 0 failed",
    ]


def test_every_promise_has_a_row_with_a_test_that_proves_it() -> None:
    rows = promises_table(ROOT).splitlines()[2:]
    assert [re.findall(r"\*\*(.+?)\*\*", row)[0] for row in rows] == list(PROMISES)
    for row in rows:
        links = re.findall(r"\]\(([^)]+)\)", row.split("|")[4])
        assert links, row
        assert [link for link in links if not (ROOT / link).exists()] == []


def test_an_arrow_implied_by_a_longer_path_is_left_out(configuration: dict[str, Any]) -> None:
    lines = environment_diagram(configuration).splitlines()
    assert "    core_api --> migration" in lines
    assert "    migration --> secrets" in lines
    assert "    core_api --> secrets" not in lines


def test_a_page_without_the_block_is_refused() -> None:
    with pytest.raises(BlockError, match="the page has no block 'facts'; allowed: the lines <!-- generated: facts"):
        with_block("no block here", "facts", "| a |")


def test_a_comment_is_rendered_as_github_does() -> None:
    html = rendered("> [!CAUTION]\n> **Stop**\n\n```diff\n+ new\n- old\n! changed\n@@ where @@\n<b>\n```\n")
    assert '<blockquote class="markdown-alert markdown-alert-caution">' in html
    for line in ('"pl-mi1">+ new', '"pl-md">- old', '"pl-mc">! changed', '"pl-mdr">@@ where @@', "&lt;b&gt;"):
        assert line in html


def test_a_missing_browser_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserError, match="no browser is installed; allowed: chromium, chromium-browser"):
        take_picture("<html></html>", tmp_path / "picture.webp", width=100)

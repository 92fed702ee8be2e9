"""A command's input files are read as UTF-8, or refused with the file, the problem and what is allowed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from delivery.commands import comment, gitops, guard
from delivery.report.text_file import TextFileError, read_text
from tests.delivery.plan_documents import FOLDER

NO_TEXT = "cannot be read: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
ALLOWED = "allowed: a text file in UTF-8"
PLAN, STACK = str(FOLDER / "staging-empty.plan.json"), str(FOLDER / "staging-empty.stack.json")


@pytest.fixture
def no_text(tmp_path: Path) -> Path:
    """UTF-16, as some shells' redirection writes it."""
    file = tmp_path / "text"
    file.write_bytes("plan-guard".encode("utf-16"))
    return file


def test_a_text_is_returned_unchanged(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes("größer\n".encode())
    assert read_text(tmp_path / "text", "the text") == "größer\n"


def test_a_file_that_is_not_utf_8_is_refused(no_text: Path) -> None:
    with pytest.raises(TextFileError) as refused:
        read_text(no_text, "the page")
    assert str(refused.value) == f"{no_text}: the page {NO_TEXT}; {ALLOWED}"


@pytest.mark.parametrize(
    ("path", "problem"),
    [("missing", "No such file or directory"), (".", "Is a directory"), ("text/x", "Not a directory")],
)
def test_a_missing_file_or_a_folder_is_refused(no_text: Path, path: str, problem: str) -> None:
    file = no_text.parent / path
    with pytest.raises(TextFileError) as refused:
        read_text(file, "the page")
    assert str(refused.value) == f"{file}: the page cannot be read: {problem}; {ALLOWED}"


@pytest.mark.parametrize(
    ("main", "arguments", "what"),
    [
        (guard.main, ["staging", "FILE", "--stack", STACK], "the plan"),
        (
            guard.main,
            ["staging", PLAN, "--stack", STACK, "--pull-request-text", "FILE"],
            "the pull request's text",
        ),
        (
            comment.main,
            ["--commit", "0" * 40, "--out", "comment.md", "--pull-request-text", "FILE", f"staging={PLAN}"],
            "the pull request's text",
        ),
        (gitops.main, ["staging", "--check", "FOLDER"], "the checkout's file"),
        (gitops.main, ["staging", "--chart", "FOLDER"], "the chart's template"),
    ],
)
def test_every_command_reports_an_unreadable_text_with_the_same_message(
    main: Callable[[list[str]], int],
    arguments: list[str],
    what: str,
    no_text: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = no_text.parent
    for place in ("base/values.yaml", "templates/x.yaml"):
        (folder / place).parent.mkdir()
        (folder / place).write_bytes(no_text.read_bytes())
    places = {"FILE": str(no_text), "FOLDER": str(folder)}
    assert main([places.get(argument, argument) for argument in arguments]) == 2
    said = capsys.readouterr().err
    assert f": {what} {NO_TEXT}; {ALLOWED}" in said
    assert str(folder) in said

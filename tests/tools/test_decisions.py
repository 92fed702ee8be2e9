"""docs/decisions: every decision follows the template, and its line in the index matches it."""

import re
from pathlib import Path

import pytest

from modules.model.project import ROOT

FOLDER = ROOT / "docs" / "decisions"
DECISIONS = sorted(FOLDER.glob("20*.md"))
HEAD = re.compile(r"# (?P<title>.+)\n\nDate: (?P<date>\d{4}-\d\d-\d\d)\. Status: (?P<status>.+)\.\n\n## ")
HEADINGS = re.compile(r"^## (.+)$", re.M)
ALLOWED = HEADINGS.findall((FOLDER / "template.md").read_text())
# Decisions without alternatives.
OPTIONAL = {"Alternatives"}


def test_every_page_of_the_folder_is_a_decision_the_index_or_the_template() -> None:
    assert DECISIONS
    assert set(FOLDER.iterdir()) == {*DECISIONS, FOLDER / "README.md", FOLDER / "template.md"}


def test_the_index_lists_every_decision_and_nothing_else() -> None:
    lines = re.findall(r"^\| \d.*$", (FOLDER / "README.md").read_text(), re.M)
    heads = [(path.name, HEAD.match(path.read_text())) for path in DECISIONS]
    assert lines == [
        f"| {head['date']} | [{head['title']}]({name}) | {head['status']} |" for name, head in heads if head
    ]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_each_decision_has_the_templates_headings(path: Path) -> None:
    text = path.read_text()
    head = HEAD.match(text)
    assert head, "a title, and below it: Date: YYYY-MM-DD. Status: ..."
    assert path.name.startswith(f"{head['date']}-")
    headings = HEADINGS.findall(text)
    assert [heading for heading in headings if heading not in ALLOWED] == []
    assert sorted(headings) == sorted(set(headings)), "each once"
    assert set(ALLOWED) - set(headings) <= OPTIONAL

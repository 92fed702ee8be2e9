"""README.md: its pictures exist, and the tests add an environment as it describes."""

import re

import pytest

from modules.model.project import ROOT
from tests.readme import COMMANDS, CONTENT, FILE, README
from tests.synth.test_addresses import COMMAND


def test_every_picture_exists_and_has_alt_text() -> None:
    files = re.findall(r'(?:src|srcset)="([^"]+)"', README)
    assert files
    assert [file for file in files if not (ROOT / file).is_file()] == []
    images = re.findall(r"<img [^>]+>", README)
    assert [image for image in images if not re.search(r'alt="[^"]{40,}"', image)] == []


def test_dark_pages_get_dark_pictures() -> None:
    pairs = re.findall(r'srcset="([^"]+)-dark\.(\w+)">\s+<img src="([^"]+)-light\.(\w+)"', README)
    assert len(pairs) == README.count("<picture>") > 0
    assert [pair for pair in pairs if pair[:2] != pair[2:]] == []


def test_one_file_and_two_commands_add_an_environment() -> None:
    """tests/synth/test_further_environments.py tries both, and tests/live/faults deploys the file."""
    assert FILE == "environments/demo.py"
    assert 'name="demo"' in CONTENT
    assert COMMANDS == [COMMAND, "make local ENV=demo"]


@pytest.mark.parametrize("page", ["LICENSE", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_the_page_links_the_usual_repository_files(page: str) -> None:
    assert f"]({page})" in README

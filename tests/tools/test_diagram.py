"""The picture of an environment in the README."""

import json
from pathlib import Path
from typing import Any

import pytest

from modules.model.project import ROOT
from tools.diagram import draw, main, replace_in


@pytest.fixture
def configuration(aws_stacks: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((aws_stacks / "staging" / "cdk.tf.json").read_text())
    return content


def test_the_readme_shows_what_is_synthesized(configuration: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text()
    assert replace_in(readme, draw(configuration)) == readme, "make picture"


def test_a_page_that_is_no_text_is_named_and_stays(
    aws_stacks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"\xff")
    assert main([str(aws_stacks / "staging" / "cdk.tf.json"), "--write", str(page)]) == 2
    assert f"{page}: the page cannot be read: 'utf-8'" in capsys.readouterr().err
    assert page.read_bytes() == b"\xff"


def test_an_arrow_is_left_out_where_a_longer_way_says_the_same(configuration: dict[str, Any]) -> None:
    lines = draw(configuration).splitlines()
    assert "    core_api --> migration" in lines
    assert "    migration --> secrets" in lines
    assert "    core_api --> secrets" not in lines


def test_a_text_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        replace_in("no picture here", "picture")

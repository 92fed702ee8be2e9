"""The tutorials' commands exist. `make tutorials` runs them as pasted, which takes minutes."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS
from tools.fenced_code import blocks
from tools.tutorials import FOLDER, follow, main

PAGES = sorted((ROOT / FOLDER).glob("*.md"))
BLOCKS = [(page, block) for page in PAGES for block in blocks(page.read_text())]
MAKE = [
    pytest.param(line.removeprefix("! "), id=f"{page.stem}:{block.line}: {line}")
    for page, block in BLOCKS
    for line in block.code.splitlines()
    if line.removeprefix("! ").startswith("make ")
]


@pytest.mark.parametrize("line", MAKE)
def test_each_make_target_exists_and_accepts_its_variables(line: str) -> None:
    """make prints the commands it would run, and rejects invalid values."""
    _, *words = line.split()
    makefile = (ROOT / "Makefile").read_text()
    given = dict(word.split("=", 1) for word in words if "=" in word)
    assert [name for name in given if f"$({name})" not in makefile] == []
    assert {given.get(name, "staging") for name in ("ENV", "FROM", "TO")} <= set(SETTINGS.names())
    done = subprocess.run(["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_diffs_apply_one_after_the_other() -> None:
    for page in PAGES:
        texts: dict[str, str] = {}
        for block in blocks(page.read_text()):
            if block.language == "diff":
                file = str(block.file)
                before = texts.get(file) or (ROOT / file).read_text()
                texts[file] = block.changed(before)
                assert texts[file] != before


def test_every_shell_block_is_run_or_needs_github() -> None:
    """A block without a language is not run."""
    left_out = [block.code for _, block in BLOCKS if not block.language]
    assert [code for code in left_out if not re.search(r"GITHUB_TOKEN|make rehearse", code)] == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / "settings.txt").write_text("replicas = 1\n")
    return tmp_path


def page(checkout: Path, *parts: str) -> bool:
    (checkout / FOLDER / "page.md").write_text("\n\n".join(parts))
    return follow("page.md", checkout, dict(os.environ))


def test_a_block_sees_earlier_exports_and_changes(checkout: Path) -> None:
    diff = "`settings.txt`:\n\n```diff\n-replicas = 1\n+replicas = 2\n```"
    assert page(
        checkout, "```sh\nexport WHERE=here\n```", diff, '```sh\necho "$WHERE" >out\ncat settings.txt >>out\n```'
    )
    assert (checkout / "out").read_text() == "here\nreplicas = 2\n"


def test_a_page_stops_at_the_first_failing_command(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not page(checkout, "```sh\nls missing\necho on >out\n```", "```sh\necho on >out\n```")
    assert not (checkout / "out").exists()
    assert f"{FOLDER}/page.md:2: exit code 2; allowed: 0" in capsys.readouterr().out


def test_a_command_that_must_fail_is_marked(checkout: Path) -> None:
    assert page(checkout, "```sh\n! ls missing\n```")


def test_blocks_in_other_languages_are_not_run(checkout: Path) -> None:
    assert page(checkout, "```\nls missing\n```", "```python\n1 / 0\n```")


def test_an_unknown_page_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.md"]) == 2
    assert "nowhere.md: unknown; allowed: a-day-in-operation.md, adopting-an-account.md" in capsys.readouterr().err

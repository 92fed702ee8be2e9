"""The repository files that editors, hooks and package managers read."""

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.model.project import ROOT

HOOKS: list[dict[str, Any]] = [
    hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repository["hooks"]
]
BAD = {"x.py": '"""X."""\n\nimport os\nx = {  \'a\':1 }\n', "x.go": "package x\nvar  a = 1\n"}
# The files that each hook fixes.
OF_FILES = {"ruff-format": "x.py", "ruff-check": "x.py", "gofmt": "x.go"}


def test_hooks_need_no_download() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert {repository["repo"] for repository in repositories} == {"local"}
    assert {hook["language"] for hook in HOOKS} == {"system"}


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook["id"] in OF_FILES], ids=lambda hook: hook["id"])
def test_a_hook_fixes_a_commits_files_and_then_passes(hook: dict[str, Any], tmp_path: Path) -> None:
    """pre-commit stops the commit if a hook fails, and also if a hook changed a file."""
    file = tmp_path / OF_FILES[hook["id"]]
    file.write_text(BAD[file.name])
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    command = [*shlex.split(hook["entry"]), str(file)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    mended = file.read_text()
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert mended != BAD[file.name]
    assert (again.returncode, file.read_text()) == (0, mended), again.stdout + again.stderr


def test_hooks_run_the_same_checks_as_lint() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for program in ("ruff format", "ruff check", "gofmt -l", "tools.check_references"):
        assert program in makefile
        assert any(program in hook["entry"] for hook in HOOKS), program


def test_the_license_is_the_same_everywhere() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"][""]
    assert (package["license"], locked["license"]) == ("GPL-3.0-only", "GPL-3.0-only")
    title = [line.strip() for line in (ROOT / "LICENSE").read_text().splitlines()[:2]]
    assert title == ["GNU GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007"]

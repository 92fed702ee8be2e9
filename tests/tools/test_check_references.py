"""Every kind of broken reference is found, and nothing else is reported."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.check_references import References, main
from tools.checkout import Checkout

CLIENT = """\
import json

LIMIT: int = 3


class Client:
    retries = 2

    def get(self): ...
"""
# The files of these tests' checkout, besides the one that a test adds.
CHECKOUT = {
    "Makefile": "verify: ## Check\n\ttrue\n",
    "README.md": "# Home\n",
    "delivery/__init__.py": "",
    "delivery/__main__.py": "",
    "delivery/commands/__init__.py": "",
    "delivery/commands/save_plan.py": "def main() -> int: ...\n",
    "delivery/github/client.py": CLIENT,
    "docs/testing.md": "# Testing\n\n## On AWS\n\n### `make verify`: all, at once\n\n```sh\n# No heading\n```\n",
    "local/providers/internal/kinds.go": "package internal\n",
}

# The file, its text, and the broken reference in it (None: every reference exists).
CASES: Mapping[str, tuple[str, str, str | None]] = {
    "a path": ("docs/page.md", "See `docs/testing.md`, docs/testing.md.", None),
    "a path that is gone": ("docs/page.md", "See docs/tests.md.", "docs/tests.md"),
    "a folder": ("docs/page.md", "In `delivery/commands/`, `local/providers`.", None),
    "a folder that is gone": ("docs/page.md", "In `delivery/plans/`.", "delivery/plans"),
    "a path below a home folder": ("docs/page.md", "`~/.local/share`, `$XDG/local/state`, `/srv/docs/x.md`", None),
    "an address": ("docs/page.md", "https://example.org/docs/none.md", None),
    "a path in a fence": ("docs/page.md", "```\npython docs/none.py\n```", "docs/none.py"),
    "a test by its id": ("docs/page.md", "pytest docs/testing.md::test_x", None),
    "a link": ("docs/page.md", "[this](testing.md), [that](../README.md), [there](https://example.org/x)", None),
    "a link that is broken": ("docs/page.md", "[this](tests.md)", "tests.md"),
    "a link from another folder": ("docs/page.md", "[this](docs/testing.md)", "docs/testing.md"),
    "a link to a heading": (
        "docs/page.md",
        "[this](testing.md#on-aws), [that](testing.md#make-verify-all-at-once)",
        None,
    ),
    "a link to no heading": ("docs/page.md", "[this](testing.md#no-heading)", "testing.md#no-heading"),
    "a link within the page": ("docs/page.md", "# One thing\n[up](#one-thing)", None),
    "a link to nothing within the page": ("docs/page.md", "# One thing\n[up](#another)", "#another"),
    "a file's name": ("docs/page.md", "`client.py`, save_plan.py", None),
    "a file's name that is gone": ("docs/page.md", "`server.py`", "server.py"),
    "a file's name in a sentence": ("delivery/x.py", "# See server.py.", "server.py"),
    "a name that is no file's": ("docs/page.md", "Node.js 20, settings.Workload, v1.2.py3", None),
    "the end of a path": ("docs/page.md", "`internal/kinds.go`", None),
    "the end of a path that is gone": ("docs/page.md", "`internal/sorts.go`", "internal/sorts.go"),
    "a path of another project": ("docs/page.md", "`pkg/register/register.go`", None),
    "a module": ("docs/page.md", "`delivery.github.client`, delivery.commands", None),
    "a module that is gone": ("docs/page.md", "`delivery.plan_guard`", "delivery.plan_guard"),
    "a name in a module": ("delivery/x.py", '"""Uses ``delivery.github.client.LIMIT``."""', None),
    "a name that no module has": (
        "delivery/x.py",
        '"""Uses ``delivery.github.client.MOST``."""',
        "delivery.github.client.MOST",
    ),
    "a class's attribute": (
        "docs/page.md",
        "delivery.github.client.Client.get, delivery.github.client.Client.retries",
        None,
    ),
    "an attribute that no class has": (
        "docs/page.md",
        "delivery.github.client.Client.put",
        "delivery.github.client.Client.put",
    ),
    "an import": ("docs/page.md", "from delivery.github.client import Client\nfrom json import loads", None),
    "an import of what is gone": (
        "docs/examples/x.yml",
        "run: python -c 'from delivery.github import Client'",
        "delivery.github.Client",
    ),
    "a command": ("docs/page.md", "`python -m delivery save-plan staging`", None),
    "a command that is gone": ("docs/page.md", "`python -m delivery plan-file`", "python -m delivery plan-file"),
    "a target of make": ("docs/page.md", "`make verify`; make sure. We make plans.\n\n    make verify ENV=prod", None),
    "a target that is gone": ("docs/page.md", "`make check`", "make check"),
    "a placeholder in capitals": (
        "docs/page.md",
        "`delivery/commands/NAME.py`, `docs/ENV/x.md`, docs/YYYY-MM-DD-x.md",
        None,
    ),
    "a file that is named in capitals": ("docs/page.md", "docs/README.md", "docs/README.md"),
    "other placeholders": ("docs/page.md", "docs/<name>.md docs/*.md delivery/{a,b}.py docs/$PAGE.md docs/...", None),
    "an example": ("docs/page.md", "`docs/demo.md`, `docs/load-demo.md`", None),
    "a word that only holds the example's": ("docs/page.md", "`docs/demolition.md`", "docs/demolition.md"),
    "a file that the page creates": (
        "docs/page.md",
        "Write `docs/new.md`:\n\n`docs/new.md`:\n\n```md\n# New\n```\n",
        None,
    ),
    "a module that the page creates": (
        "docs/page.md",
        "`delivery/x.py`:\n\n```python\nLIMIT = 1\n```\n\n`x.py`, `delivery.x.LIMIT`",
        None,
    ),
    "a name that the created module has not": (
        "docs/page.md",
        "`delivery/x.py`:\n\n```python\nLIMIT = 1\n```\n\n`delivery.x.MOST`",
        "delivery.x.MOST",
    ),
    "a command that the page creates": (
        "docs/page.md",
        '`delivery/commands/new.py`:\n\n```python\n"""``python -m delivery new``."""\n```\n',
        None,
    ),
    "a file that the page changes": (
        "docs/page.md",
        "`docs/new.md`:\n\n```diff\n-old\n+new\n```\n",
        "docs/new.md",
    ),
    "a comment": ("delivery/x.py", "x = 1  # docs/none.md", "docs/none.md"),
    "a docstring's later line": ("delivery/x.py", 'def f():\n    """One.\n\n    docs/none.md\n    """', "docs/none.md"),
    "code": ("delivery/x.py", "x = delivery.nothing\ny = 'delivery/none.py'", None),
    "a message": ("delivery/x.py", "raise ValueError('no (docs/none.md)')", "docs/none.md"),
    "a message's name": ("delivery/x.py", "raise ValueError(f'{x}: no such server.py')", None),
    "a string of a test": ("tests/x.py", "x = 'docs/none.md'", None),
    "a test's comment": ("tests/x.py", "# docs/none.md", "docs/none.md"),
    "Go": ("local/providers/x.go", "package x // docs/none.md", "docs/none.md"),
    "Go's code": ("local/providers/x.go", 'const x = "docs/none.md"', None),
    "JavaScript": ("delivery/x.js", "// see server.py", "server.py"),
    "YAML": (".github/workflows/x.yml", "on: push # docs/none.md", "docs/none.md"),
    "YAML's values": (".github/workflows/x.yml", "run: delivery/none.py", None),
    "TOML": ("pyproject.toml", "# docs/none.md\nline = 1", "docs/none.md"),
    "a Makefile": ("tools/Makefile", "# docs/none.md", "docs/none.md"),
    "the history": ("CHANGELOG.md", "`delivery.plan_guard` was in delivery/plan_guard.py.", None),
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("case", CASES)
def test_reference(case: str, tmp_path: Path) -> None:
    file, text, broken = CASES[case]
    checkout = Checkout(write(tmp_path, {**CHECKOUT, file: text}))
    assert [problem.written for problem in References(checkout).problems()] == ([broken] if broken else [])


def test_a_problem_says_where_it_is_and_what_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {**CHECKOUT, "docs/page.md": "# Page\n\nSee `delivery/client.py`.\n"})
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == (
        "docs/page.md:3: 'delivery/client.py' does not exist; "
        "allowed: a tracked file or folder, such as delivery/github/client.py\n"
    )


def test_a_missing_folder_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 2
    assert f"{tmp_path / 'none'} is not a folder; allowed: a checkout" in capsys.readouterr().err


def test_invalid_python_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {**CHECKOUT, "delivery/x.py": "x = 1\nx = = 1\n"})
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == "error: delivery/x.py:2: invalid syntax; allowed: Python\n"


def test_files_ignored_by_git_are_not_part_of_the_checkout(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    write(tmp_path, {**CHECKOUT, ".gitignore": "out/\n", "docs/page.md": "docs/out/x.md", "docs/out/x.md": ""})
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    assert [problem.written for problem in References(Checkout(tmp_path)).problems()] == ["docs/out/x.md"]

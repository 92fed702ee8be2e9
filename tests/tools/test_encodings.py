"""The project's own programs read and write UTF-8 in every locale.

ruff's rule for this (PLW1514) only checks objects whose type it knows.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from modules.model.project import ROOT
from tools.checkout import Checkout

_FILES = sorted(name for name in Checkout(ROOT).files if name.endswith(".py") and not name.startswith("tests/"))
_TEXT_FILES = {"NamedTemporaryFile", "TemporaryFile", "fdopen", "open"}
# Calls that do not open text.
_OTHERS = {"tarfile"}
_TEXT_MODE = re.compile(r"[rwax]\+?")


def _without_encoding(source: str) -> Iterator[int]:
    """The line of each call that leaves a text's encoding to the locale."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or any(word.arg == "encoding" for word in call.keywords):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") in _OTHERS:
            continue
        is_method = isinstance(call.func, ast.Attribute)
        given = [
            it.value for it in [*call.args[:2], *(word.value for word in call.keywords)] if isinstance(it, ast.Constant)
        ]
        modes = [it for it in given if isinstance(it, str) and _TEXT_MODE.fullmatch(it)]
        is_text = any(word.arg == "text" and getattr(word.value, "value", None) is True for word in call.keywords)
        if (is_method and name in {"read_text", "write_text"}) or (name in _TEXT_FILES and modes) or is_text:
            yield call.lineno


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ("path.read_text()", False),
        ("path.read_text(encoding='utf-8')", True),
        ("path.write_text(text)", False),
        ("read_text(path, 'the plan')", True),
        ("path.open('w')", False),
        ("path.open('wb')", True),
        ("open(path, 'r')", False),
        ("Cloud.open(report)", True),
        ("tarfile.open(fileobj=file, mode='w')", True),
        ("tempfile.TemporaryFile(mode='w+')", False),
        ("subprocess.run(command, text=True)", False),
        ("subprocess.run(command)", True),
    ],
)
def test_a_call_without_an_encoding_is_found(call: str, named: bool) -> None:  # noqa: FBT001
    assert list(_without_encoding(call)) == ([] if named else [1])


def test_every_text_has_an_encoding() -> None:
    assert _FILES
    found = [
        f"{name}:{line}" for name in _FILES for line in _without_encoding((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert found == []

"""Extracts a file's prose: the whole of a Markdown page, and the comments and docstrings of other files."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

_HASH = re.compile(r"(?:^|\s)#\s?(.*)")
_SLASHES = re.compile(r"(?:^|\s)//\s?(.*)")
# How a comment starts, by file name or suffix.
_COMMENT = {
    **dict.fromkeys((".yml", ".yaml", ".toml", ".sh", ".tpl", "Makefile", "CODEOWNERS", "check-tools", "run"), _HASH),
    **dict.fromkeys((".editorconfig", ".gitignore"), _HASH),
    **dict.fromkeys((".go", ".js", ".mod"), _SLASHES),
}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of prose with its place. is_message: from a string that a program prints, not from a comment."""

    number: int
    text: str
    is_message: bool = False


def prose(file: str, content: str) -> Iterator[Line]:
    """Yield a file's lines of prose; none if its format is unknown. file: its path from the root.

    Raises SyntaxError, with the file's name, for invalid Python.
    """
    path = PurePath(file)
    if path.suffix == ".md" or path.parts[0] == "docs":
        yield from _numbered(content.splitlines(), 1)
    elif path.suffix == ".py":
        yield from _of_python(file, content)
    elif comment := _COMMENT.get(path.name) or _COMMENT.get(path.suffix):
        for number, text in enumerate(content.splitlines(), start=1):
            if match := comment.search(text):
                yield Line(number=number, text=match[1])


def _of_python(file: str, content: str) -> Iterator[Line]:
    tree = ast.parse(content, filename=file)
    # Tokenizing and walking the tree take most of the time.
    if "#" in content:
        for token in tokenize.generate_tokens(io.StringIO(content).readline):
            if token.type == tokenize.COMMENT:
                yield Line(number=token.start[0], text=token.string)
    lines = content.splitlines()
    docstrings = set()
    messages = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                messages.append(Line(number=node.lineno, text=node.value, is_message=True))
        elif isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None:
            text = node.body[0]
            docstrings.add(text.lineno)
            yield from _numbered(lines[text.lineno - 1 : text.end_lineno], text.lineno)
    yield from (message for message in messages if message.number not in docstrings)


def _numbered(lines: list[str], first: int) -> Iterator[Line]:
    for number, text in enumerate(lines, start=first):
        yield Line(number=number, text=text)

"""Checks that everything documents and comments refer to exists.

``python -m tools.check_references [ROOT]``: reads Markdown, all of ``docs``, and the comments and docstrings of Python,
Go, JavaScript, YAML, TOML and Makefiles. Prints a line for each broken reference. Exit code 0 if there are none, 1 if
there are any, 2 for a folder or a Python file that cannot be read.

A reference is a path from the root (``docs/testing.md``), a Markdown link with its anchor, a file name
(``names.py``), a dotted name from a package at the root, a command of ``python -m delivery``, or a make target. In
program messages, only pages of ``docs`` are references.

These need not exist: placeholders, which are in capitals or contain ``<``, ``{``, ``$``, ``*`` or ``...``; names that
contain the word demo; and, on the page that shows it, a file that the reader creates (tools/fenced_code.py).
CHANGELOG.md describes the past, so it is not read.
"""

import argparse
import difflib
import posixpath
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from modules.model.project import ROOT
from tools.checkout import Checkout
from tools.fenced_code import blocks
from tools.prose import Line, prose

_HISTORY = "CHANGELOG.md"
_START = r"(?<![\w./~$@{}<>*:-])"
_ENDINGS = (".py", ".go", ".js", ".md", ".yml", ".toml", ".mod")
_FILE_NAME = re.compile(rf"{_START}([a-z_][\w-]*(?:{'|'.join(map(re.escape, _ENDINGS))}))(?![\w/(*]|\.\w)")
_RELATIVE = re.compile(rf"{_START}((?:[\w-]+/)+[\w-]+\.(?:py|go|js))\b")
_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s]+)\)")
_OWN_ANCHOR = re.compile(r"\]\(#([^)\s]+)\)")
_IMPORT = re.compile(r"\bfrom ([\w.]+) import (\w+)")
_COMMAND = re.compile(r"python -m delivery ([a-z][a-z-]*)")
_MAKE = re.compile(r"(?:`|^\s*|; )make ([a-z][a-z-]*)(?=[`\s]|$)")
_PAGE = re.compile(r"\bdocs/[\w./-]+\.md\b")
_PLACEHOLDER = re.compile(r"[<>{}$*]|\.\.\.|(?:^|[/._-])demo(?=[/._-]|$)")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A broken reference: where it is written, and what is allowed instead."""

    file: str
    line: int
    written: str
    allowed: str

    def __str__(self) -> str:
        """One line in the format of compilers."""
        return f"{self.file}:{self.line}: {self.written!r} does not exist; allowed: {self.allowed}"


class References:
    """Checks the references in a checkout's files against the checkout's content."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        tops = "|".join(map(re.escape, checkout.top_folders))
        self._path = re.compile(rf"{_START}((?:{tops})/[\w./<>{{}}$*-]*)")
        self._dotted = re.compile(rf"{_START}((?:{'|'.join(checkout.packages)})(?:\.\w+)+)(?![\w/])")
        self._folders = {part for path in checkout.files for part in PurePath(path).parent.parts}

    def problems(self) -> Iterator[Problem]:
        """Every broken reference, file by file."""
        for file in sorted(self.checkout.files - {_HISTORY}):
            yield from self.of(file)

    def of(self, file: str) -> Iterator[Problem]:
        """Every broken reference in one file."""
        try:
            content = self.checkout.read(file)
        except UnicodeDecodeError:
            return
        created = {block.creates: block.code for block in blocks(content) if block.creates}
        if file.endswith(".md") and created.keys() - self.checkout.added.keys():
            # A reader who follows the page has these files and the names they define.
            yield from References(Checkout(self.checkout.root, created)).of(file)
            return
        for line in prose(file, content):
            for written, allowed in dict.fromkeys(self._wrong(file, line)):
                if not _stands_for_others(written, self.checkout):
                    yield Problem(file=file, line=line.number, written=written, allowed=allowed)

    def _wrong(self, file: str, line: Line) -> Iterator[tuple[str, str]]:
        if line.is_message:
            if not file.startswith("tests/"):
                yield from self._missing(_PAGE.findall(line.text))
            return
        if file.endswith(".md"):
            yield from self._links(file, line.text)
            for target in _MAKE.findall(line.text):
                if target not in self.checkout.targets:
                    yield f"make {target}", "a target of the Makefile"
        text = _LINK.sub("]()", line.text)
        yield from self._missing(match.rstrip("./-") for match in self._path.findall(text))
        yield from self._names(text)
        imports = [f"{module}.{name}" for module, name in _IMPORT.findall(text)]
        ours = [name for name in imports if name.partition(".")[0] in self.checkout.packages]
        for dotted in dict.fromkeys((*self._dotted.findall(text), *ours)):
            if not dotted.endswith(_ENDINGS) and not self.checkout.defines(dotted):
                yield dotted, "a module of this repository, or a name that it defines"
        for command in _COMMAND.findall(text):
            if command not in self.checkout.commands:
                yield f"python -m delivery {command}", f"a command: {', '.join(sorted(self.checkout.commands))}"

    def _missing(self, paths: Iterator[str] | list[str]) -> Iterator[tuple[str, str]]:
        for path in paths:
            if path not in self.checkout.paths:
                yield path, self._nearest(path)

    def _names(self, text: str) -> Iterator[tuple[str, str]]:
        for name in _FILE_NAME.findall(text):
            if name not in self.checkout.by_name:
                yield name, self._nearest(name)
        for relative in _RELATIVE.findall(text):
            first, name = PurePath(relative).parts[0], PurePath(relative).name
            ours = first in self._folders and first not in self.checkout.top_folders
            if ours and not any(path.endswith(f"/{relative}") for path in self.checkout.by_name.get(name, [])):
                yield relative, self._nearest(relative)

    def _links(self, file: str, text: str) -> Iterator[tuple[str, str]]:
        for target in _LINK.findall(text):
            path, _, anchor = target.partition("#")
            page = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
            if page not in self.checkout.paths:
                yield target, f"a file, from {posixpath.dirname(file) or 'the root'}; {self._nearest(page)}"
            elif anchor and anchor not in self.checkout.anchors(page):
                yield target, f"a heading of {page}: {', '.join(sorted(self.checkout.anchors(page)))}"
        for anchor in _OWN_ANCHOR.findall(text):
            if anchor not in self.checkout.anchors(file):
                yield f"#{anchor}", f"a heading of this page: {', '.join(sorted(self.checkout.anchors(file)))}"

    def _nearest(self, path: str) -> str:
        """Likely candidates: files with the same name elsewhere, or a similar path."""
        name = PurePath(path).name
        likely = self.checkout.by_name.get(name) or difflib.get_close_matches(path, self.checkout.paths, n=3)
        return f"a tracked file or folder{', such as ' if likely else ''}{', '.join(likely[:3])}"


def _stands_for_others(written: str, checkout: Checkout) -> bool:
    if _PLACEHOLDER.search(written):
        return True
    words = [part.partition(".")[0] for part in re.split(r"[/ -]", written)]
    capitals = [word for word in words if re.fullmatch(r"[A-Z][A-Z0-9_]+", word)]
    # README.md is a file name, not a placeholder.
    return any(f"{word}.md" not in checkout.by_name for word in capitals)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the broken references; exit code 1 if there are any, 2 if something cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m tools.check_references", description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="default: this checkout")
    root: Path = parser.parse_args(arguments).root
    if not root.is_dir():
        print(f"error: {root} is not a folder; allowed: a checkout of this repository", file=sys.stderr)
        return 2
    try:
        problems = list(References(Checkout(root)).problems())
    except SyntaxError as error:
        print(f"error: {error.filename}:{error.lineno}: {error.msg}; allowed: Python", file=sys.stderr)
        return 2
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""Copies the sources that are synthesized, and replaces CDKTF's names with those of its fork ``cdktn``.

``python -m tools.exits.renamed_copy FOLDER``: the folder must not exist yet. Exit code 1: something could not be
renamed; 2: the folder cannot be written.
"""

import argparse
import ast
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from modules.model.project import ROOT
from tools.checkout import Checkout
from tools.exits.error import ExitError

_SOURCES = ("environments/", "fast_synth/", "modules/", "main.py", "cdktf.json", "providers.lock.hcl")
# In this file the names are data, not imports.
_CONSTANTS = "fast_synth/framework.py"
_IMPORTED = (
    (re.compile(r"\bcdktf_cdktf_provider_"), "cdktn_provider_"),
    (re.compile(r"^(\s*(?:from|import) )cdktf\b", re.M), r"\1cdktn"),
)
_NAMED = ((re.compile(r'"cdktf"'), '"cdktn"'), (re.compile(r'"@cdktf/'), '"@cdktn/'))


def renamed_copy(root: Path, folder: Path) -> None:
    """Copy a checkout's sources into an existing folder, and rename their imports.

    Raises:
        ExitError: a CDKTF import remains, in a form that the renaming does not know.

    """
    for name in sorted(Checkout(root).files):
        if not name.startswith(_SOURCES):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".py":
            text = renamed((root / name).read_text(encoding="utf-8"), constants=name == _CONSTANTS)
            if left := sorted(_imports_of_cdktf(text)):
                raise ExitError(f"{name} still imports {', '.join(left)} after the renaming of {__name__}")
            target.write_text(text, encoding="utf-8")
        else:
            shutil.copyfile(root / name, target)


def renamed(source: str, *, constants: bool = False) -> str:
    """Return a module's text with the fork's names. constants: also rename them in strings."""
    for pattern, name in (*_IMPORTED, *(_NAMED if constants else ())):
        source = pattern.sub(name, source)
    return source


def _imports_of_cdktf(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name for name in names if name.startswith("cdktf"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the copy and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.exits.renamed_copy", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        print(f"error: {folder}: {error.strerror}; allowed: a folder that does not exist yet", file=sys.stderr)
        return 2
    try:
        renamed_copy(ROOT, folder)
    except ExitError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

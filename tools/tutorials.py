"""Follows the tutorials: runs every command of a page as pasted, in order, on its own local cloud.

``python -m tools.tutorials [PAGE ...]``, by default every page of docs/tutorials. It works in a clone of the last
commit, so this checkout's files do not change. Bash runs each ``sh`` block and stops at the first command that fails;
the next block gets the exported variables. A ``diff`` below a file name changes that file (tools/fenced_code.py).
Other blocks are not run: they need an account at GitHub.

Exit code 0 if every command ends as the page says, 1 if one does not, 2 for a page that does not exist.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from modules.model.project import ROOT
from tools.fenced_code import Block, blocks

FOLDER = "docs/tutorials"
# Linked, not cloned: `make setup` would take minutes to install the same packages again.
_INSTALLED = (".venv", "node_modules")


class Shell:
    """A shell that persists across blocks: each block gets the variables that earlier ones exported."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        """folder: where the commands run. variables: for the first block."""
        self._folder = folder
        self._variables = dict(variables)

    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run a block; standard output and error are returned as one text."""
        with tempfile.NamedTemporaryFile(mode="r", encoding="utf-8") as kept:
            script = f'{code}\nenv --null >"{kept.name}"\n'
            done = subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", script],
                cwd=self._folder,
                env=self._variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                encoding="utf-8",
            )
            if done.returncode == 0:
                self._variables = dict(each.split("=", 1) for each in kept.read().split("\0") if each)
        return done


def follow(page: str, checkout: Path, variables: Mapping[str, str]) -> bool:
    """Run a page's blocks in a checkout. Stops at the first that fails, prints its output and returns False."""
    shell = Shell(checkout, variables)
    for block in blocks((checkout / FOLDER / page).read_text(encoding="utf-8")):
        if block.language == "diff":
            file = checkout / str(block.file)
            file.write_text(block.changed(file.read_text(encoding="utf-8")), encoding="utf-8")
        elif block.language == "sh" and not _succeeds(page, block, shell):
            return False
    return True


def _succeeds(page: str, block: Block, shell: Shell) -> bool:
    began = time.monotonic()
    done = shell.run(block.code)
    commands = "; ".join(block.code.splitlines())
    print(f"{page}:{block.line}: {commands} ({time.monotonic() - began:.0f} s)", flush=True)
    if done.returncode:
        print(f"{done.stdout}\n{FOLDER}/{page}:{block.line}: exit code {done.returncode}; allowed: 0")
    return done.returncode == 0


def _clone(folder: Path) -> Path:
    checkout = folder / "checkout"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
    for name in _INSTALLED:
        (checkout / name).symlink_to(ROOT / name)
    for lock in ("Pipfile.lock", "package-lock.json"):
        # Keep their times, so that make treats the installed packages as up to date.
        status = (ROOT / lock).stat()
        os.utime(checkout / lock, ns=(status.st_atime_ns, status.st_mtime_ns))
    return checkout


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, follow the pages."""
    parser = argparse.ArgumentParser(prog="python -m tools.tutorials", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as first-environment.md")
    known = sorted(path.name for path in (ROOT / FOLDER).glob("*.md"))
    pages: list[str] = parser.parse_args(arguments).pages or known
    if unknown := [page for page in pages if page not in known]:
        print(f"error: {', '.join(unknown)}: unknown; allowed: {', '.join(known)}", file=sys.stderr)
        return 2
    failed = []
    for page in pages:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            # PostgreSQL's user must be able to reach its folder in the state.
            folder.chmod(0o711)
            checkout = _clone(folder)
            variables = {**os.environ, "CI": "1", "MOSAIC_LOCAL_STATE": str(folder / "state")}
            try:
                if not follow(page, checkout, variables):
                    failed.append(page)
            finally:
                subprocess.run([sys.executable, "-m", "local", "reset"], cwd=checkout, env=variables, check=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Small Go modules for the tests of local/build, and helpers that inspect a build."""

import subprocess
import textwrap
from pathlib import Path

from local.build.go_module import GoProgram

PLUGINS = "example.test/plugins"
HELLO = GoProgram(name="hello", package="./cmd/hello")


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))


def run(program: Path) -> str:
    return subprocess.run([program], check=True, capture_output=True, text=True).stderr


def leftovers(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name != "lock")

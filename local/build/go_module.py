"""A Go module of the project: its programs and what they depend on."""

import hashlib
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from local.build.trimmed_source import TrimmedSource
from local.runtime.errors import LocalCloudError


@dataclass(frozen=True, kw_only=True)
class GoProgram:
    """A program: the package to compile, and the files it needs at run time.

    ``module`` is the required module whose version is the program's; None for the project's own programs. ``files`` are
    patterns below that module's folder; matching files are kept in the folder ``files`` beside the program.
    """

    name: str
    package: str
    module: str | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GoModule:
    """A Go module of the project: ``folder`` holds its go.mod and go.sum.

    ``linker_flags`` are added to the linker's; ``trimmed`` replace required modules before compiling.
    """

    folder: Path
    programs: tuple[GoProgram, ...]
    linker_flags: str = ""
    trimmed: tuple[TrimmedSource, ...] = ()

    @property
    def name(self) -> str:
        """The folder's name, such as ``engines``."""
        return self.folder.name

    @property
    def go_mod(self) -> str:
        """The text of go.mod.

        Raises:
            LocalCloudError: there is none.

        """
        try:
            return (self.folder / "go.mod").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise LocalCloudError(f"There is no Go module in {self.folder}: go.mod is missing") from None

    @property
    def oldest_go(self) -> str:
        """The oldest release of Go that may compile the module, such as ``1.26.0``.

        Raises:
            LocalCloudError: go.mod does not name it.

        """
        found = re.search(r"^go (\S+)$", self.go_mod, re.MULTILINE)
        if found is None:
            raise LocalCloudError(f"{self.folder / 'go.mod'} has no line `go RELEASE`")
        return found[1]

    def version(self, required: str) -> str:
        """Return the version of a required module, such as ``v1.36.3``.

        Raises:
            LocalCloudError: there is no go.mod, or it does not require the module.

        """
        found = re.search(rf"^(?:require)?\s+{re.escape(required)} (v\S+)", self.go_mod, re.MULTILINE)
        if found is None:
            raise LocalCloudError(f"{self.folder / 'go.mod'} does not require {required}")
        return found[1]

    def key(self, recipe: tuple[str, ...]) -> str:
        """Return a hash of everything that built programs depend on, as 16 hexadecimal digits.

        It covers the module's files except tests and Markdown, the list of programs, the ``recipe`` (the compiler's
        flags), and the kind of machine. Go's release counts as go.mod's ``go`` line, not as the installed one: a newer
        Go is no reason to compile for minutes, and existing programs need no Go at all.
        """
        how = (self.programs, self.linker_flags, self.trimmed or None, recipe, platform.system(), platform.machine())
        digest = hashlib.sha256(repr(how).encode())
        files = (file for file in self.folder.rglob("*") if file.is_file())
        for file in sorted(file for file in files if not file.name.endswith(("_test.go", ".md"))):
            content = file.read_bytes()
            digest.update(f"{file.relative_to(self.folder)} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()[:16]

"""Copies a Go module's source without some of its plug-ins.

The controllers of External Secrets Operator import all its 36 providers, and with them the client libraries of as many
clouds: more than half of its compile time. Go's ``-overlay`` refuses to replace files of the module cache, so the
source is copied and the files that name plug-ins are trimmed. Everything else is compiled as published.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from local.runtime.errors import LocalCloudError

_IMPORT = re.compile(r'^\t_ "(?P<path>[^"]+)"$')


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A Go file whose blank imports register plug-ins, and the ones to keep: folders below the file's parent folder."""

    file: str
    keep: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A replacement in a Go file. pattern: a regular expression whose ``^`` matches at each line's start."""

    file: str
    pattern: str
    replacement: str = ""


@dataclass(frozen=True, kw_only=True)
class TrimmedSource:
    """What is copied of a Go module, and how the copy differs.

    entries: its files and folders. registrations, edits: the changes; each must match the source.
    """

    module: str
    entries: tuple[str, ...]
    registrations: tuple[Registration, ...] = ()
    edits: tuple[Edit, ...] = ()

    def copy(self, source: Path, target: Path) -> None:
        """Copy the module in ``source`` (read-only in Go's module cache) to ``target`` and trim it.

        Raises:
            LocalCloudError: the source no longer has the expected layout.

        """
        for entry in self.entries:
            if not (source / entry).exists():
                raise LocalCloudError(self._changed(source / entry, "it does not exist"))
            _copy_without_tests(source / entry, target / entry)
        for registration in self.registrations:
            self._trim(target, source, registration)
        for edit in self.edits:
            file = target / edit.file
            text = file.read_text(encoding="utf-8") if file.is_file() else ""
            edited, found = re.subn(edit.pattern, edit.replacement, text, flags=re.MULTILINE)
            if not found:
                raise LocalCloudError(self._changed(source / edit.file, f"it has no text like {edit.pattern}"))
            file.write_text(edited, encoding="utf-8")

    def _trim(self, target: Path, source: Path, registration: Registration) -> None:
        file = target / registration.file
        if not file.is_file():
            raise LocalCloudError(self._changed(source / registration.file, "it does not exist"))
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        imports = {match["path"] for line in lines if (match := _IMPORT.match(line))}
        plugins = Path(registration.file).parent.parent
        keep = {f"{self.module}/{plugins / name}" for name in registration.keep}
        if not imports or not keep <= imports:
            expected = ", ".join(sorted(keep)) or "any plug-in"
            found = ", ".join(sorted(imports)) or "nothing"
            raise LocalCloudError(
                self._changed(source / registration.file, f"expected an import of {expected}, found {found}")
            )
        kept = [line for line in lines if not (match := _IMPORT.match(line)) or match["path"] in keep]
        file.write_text("".join(kept), encoding="utf-8")

    def _changed(self, place: Path, what: str) -> str:
        return (
            f"{self.module} is not laid out as the local cloud's build expects: {place}: {what}. "
            "Adapt local/build/programs.py to this version, or go back to the version for which it was written."
        )


def _copy_without_tests(source: Path, target: Path) -> None:
    # shutil.copytree would copy the module cache's read-only modes, and the copy could be neither trimmed nor removed.
    for file in [source] if source.is_file() else sorted(source.rglob("*")):
        if file.is_file() and not file.name.endswith("_test.go"):
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)

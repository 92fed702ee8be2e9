"""The content of this checkout: tracked files, names that its Python modules define, and headings of its pages."""

import ast
import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path, PurePath

# Folders that a copy without git contains besides the source.
_NOT_SOURCE = {".venv", ".venv-docs", "node_modules", "cdktf.out", "site", "plans", "__pycache__"}
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.M)


class Checkout:
    """The files below a folder. root: of the checkout, or of a copy of its source. added: texts of future files."""

    def __init__(self, root: Path, added: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.added = dict(added or {})

    @cached_property
    def files(self) -> frozenset[str]:
        """Every tracked file by its path from the root; in a copy without git, every source file."""
        if (self.root / ".git").exists():
            listed = subprocess.run(
                ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=self.root,
                capture_output=True,
                text=True,
                check=True,
                encoding="utf-8",
            )
            return frozenset(name for name in listed.stdout.split("\0") if (self.root / name).is_file()) | {*self.added}
        return frozenset({*self._walked(), *self.added})

    def _walked(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            place = Path(folder).relative_to(self.root)
            inside = [name for name in folders if name not in _NOT_SOURCE and not name.endswith("_cache")]
            # tests/delivery/plans is source. Commands write a folder of that name only at the root.
            folders[:] = [*inside, *(["plans"] if place.parts and "plans" in folders else [])]
            yield from (str(place / name) for name in names)

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file, and every folder that contains one."""
        folders = {str(parent) for file in self.files for parent in PurePath(file).parents}
        return self.files | folders - {"."}

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The paths of every file and folder, by their last part."""
        named: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.paths):
            named[PurePath(path).name].append(path)
        return named

    @cached_property
    def top_folders(self) -> tuple[str, ...]:
        """The folders at the root."""
        return tuple(sorted({PurePath(file).parts[0] for file in self.files if "/" in file}))

    @cached_property
    def packages(self) -> tuple[str, ...]:
        """The folders at the root that Python imports."""
        return tuple(folder for folder in self.top_folders if f"{folder}/__init__.py" in self.files)

    @cached_property
    def commands(self) -> frozenset[str]:
        """The commands of ``python -m delivery``."""
        folder = "delivery/commands/"
        stems = {PurePath(file).stem for file in self.files if file.startswith(folder)} - {"__init__"}
        return frozenset(stem.replace("_", "-") for stem in stems)

    @cached_property
    def targets(self) -> frozenset[str]:
        """The targets of the Makefile."""
        return frozenset(_TARGET.findall(self.read("Makefile"))) if "Makefile" in self.files else frozenset()

    def read(self, file: str) -> str:
        """A file's text."""
        return self.added[file] if file in self.added else (self.root / file).read_text(encoding="utf-8")

    def defines(self, dotted: str) -> bool:
        """Whether the dotted name is a module of this checkout, or defined in one (including attributes of classes)."""
        parts = dotted.split(".")
        for end in range(len(parts), 0, -1):
            stem = "/".join(parts[:end])
            for file in (f"{stem}.py", f"{stem}/__init__.py"):
                if file in self.files:
                    return ".".join(parts[end:]) in _names(self.read(file))
            if stem in self.paths:
                return end == len(parts)
        return False

    def anchors(self, page: str) -> frozenset[str]:
        """The anchors that GitHub derives from a page's headings."""
        return _anchors(self.read(page))


@cache
def _names(module: str) -> frozenset[str]:
    """The names that a module defines or imports, including ``Class.attribute``, and "" for the module itself."""
    return frozenset({"", *_defined(ast.parse(module).body, "")})


@cache
def _anchors(page: str) -> frozenset[str]:
    headings = re.findall(r"^#+ +(.*?)\s*$", re.sub(r"^```.*?^```", "", page, flags=re.S | re.M), re.M)
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)


def _defined(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield f"{prefix}{name}"
            case ast.ClassDef(name=name):
                yield f"{prefix}{name}"
                yield from _defined(node.body, f"{prefix}{name}.")
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (f"{prefix}{alias.asname or alias.name}" for alias in names)
            case ast.Assign() | ast.AnnAssign():
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                        yield f"{prefix}{inner.id}"
            case ast.If() | ast.Try():
                yield from _defined(node.body, prefix)

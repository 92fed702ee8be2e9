"""A folder of built files whose names prove that they are complete."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Artifact(NamedTuple):
    """A file in the cache and its content."""

    path: Path
    content: bytes


@dataclass(frozen=True)
class ArtifactCache:
    """The built files, each in its own folder.

    The folder's name contains the digest of the inputs, the file's name that of the content. So one read verifies a
    copy, a damaged one is deleted and rebuilt, and processes that build at the same time each rename a complete file
    into place. There is one folder per file because old files stay: with ten thousand in one folder a synth took twice
    as long.

    Attributes:
        folder: holds the folders; it need not exist yet.

    """

    folder: Path

    @classmethod
    def of_user(cls, name: str) -> "ArtifactCache":
        """Return the user's cache: `bindings` in `MOSAIC_CACHE`, or in this folder of the user's cache folder.

        Args:
            name: of a folder in `XDG_CACHE_HOME`, by default `~/.cache`.

        Raises:
            ValueError: `MOSAIC_CACHE` is not an absolute path.

        """
        given = os.environ.get("MOSAIC_CACHE")
        root = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / name
        if given and not root.is_absolute():
            raise ValueError(f"MOSAIC_CACHE is {given!r}; an absolute path is needed")
        return cls(root / "bindings")

    def artifact(self, key: str, description: str, suffix: str, build: Callable[[], bytes]) -> Artifact:
        """Return the file built from these inputs; build it if the cache has no intact copy.

        Args:
            key: everything that the content depends on.
            description: starts the folder's name, for people who look into the cache.
            suffix: ends the file's name, such as `.tgz`.
            build: makes the content.

        """
        folder = self.folder / f"{description}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        for path in folder.glob(f"*{suffix}"):
            content = path.read_bytes()
            if path.name == _file_name(content, suffix):
                return Artifact(path, content)
            path.unlink(missing_ok=True)

        content = build()
        path = folder / _file_name(content, suffix)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as unfinished:
            unfinished.write(content)
        Path(unfinished.name).replace(path)
        return Artifact(path, content)


def _file_name(content: bytes, suffix: str) -> str:
    return f"{hashlib.sha256(content).hexdigest()}{suffix}"

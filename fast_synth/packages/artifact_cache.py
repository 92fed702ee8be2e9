"""A folder of built files, each of which can be told whole and right by its name."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Artifact(NamedTuple):
    """A file of the cache and what it holds."""

    path: Path
    content: bytes


def cached(key: str, description: str, suffix: str, build: Callable[[], bytes]) -> Artifact:
    """Return what was built from these inputs before; build it where the cache has no sound copy.

    Its folder's name holds the digest of its inputs, the file's name that of its content. So one read proves a copy, a
    damaged one is dropped and built again, and processes that build at the same time each rename a whole file into
    place. A folder each, because old files stay: with ten thousand in one folder a synth took twice as long.

    Args:
        key: everything that the content depends on.
        description: begins the folder's name, for whoever looks into the folder.
        suffix: ends the file's name, such as `.tgz`.
        build: makes the content.

    Raises:
        ValueError: `MOSAIC_CACHE` is not an absolute path.

    """
    folder = _folder() / f"{description}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
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


def _folder() -> Path:
    given = os.environ.get("MOSAIC_CACHE")
    if given:
        root = Path(given)
        if not root.is_absolute():
            raise ValueError(f"MOSAIC_CACHE is {given!r}; an absolute path is needed")
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mosaic-platform"
    return root / "bindings"

"""Finds the Terraform processes on this machine that may hold the lock of an environment's state.

A process locks the state that its folder was initialized for: Terraform stores the backend's settings there, next to
the configuration that they came from.
Source: https://developer.hashicorp.com/terraform/cli/init#working-directory-contents
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from delivery.terraform import program
from modules.model.cloud_selection import LOOPBACK

# Where the settings of an S3 backend are: as initialized, and in the configuration.
_SETTINGS = {".terraform/terraform.tfstate": ("backend", "config"), "cdk.tf.json": ("terraform", "backend", "s3")}


@dataclass(frozen=True, kw_only=True)
class LockedState:
    """An environment's state. endpoint: the local cloud's, None on AWS. folder: of this checkout's stack."""

    bucket: str
    key: str
    endpoint: str | None
    folder: Path

    @property
    def environment(self) -> str:
        """The environment's name, which is also the name of its stack's folder in every checkout."""
        return self.folder.name

    def may_be_locked_in(self, folder: Path) -> bool:
        """Whether Terraform in this folder may hold the lock; decided by name alone if its backend cannot be read."""
        # A new synthesis or init does not stop a process that already runs there.
        if folder == self.folder.resolve():
            return True
        places = set(_places(folder))
        own = (self.bucket, self.key, _port(self.endpoint))
        return own in places if places else folder.name == self.environment


@dataclass(frozen=True, kw_only=True)
class LockHolders:
    """seen: each process that may hold the lock, and its folder. hidden: there are others that cannot be inspected."""

    seen: tuple[str, ...]
    hidden: bool

    @classmethod
    def of(cls, state: LockedState) -> "LockHolders":
        """Look for holders among the processes that the system shows."""
        seen, hidden = [], False
        for process in psutil.process_iter(["name", "cwd", "status"]):
            if not program.is_process(process.info["name"]) or process.info["status"] == psutil.STATUS_ZOMBIE:
                continue
            folder = process.info["cwd"]
            hidden = hidden or not folder
            if folder and state.may_be_locked_in(Path(folder)):
                seen.append(f"process {process.pid} in {folder}")
        return cls(seen=tuple(seen), hidden=hidden)


def _places(folder: Path) -> Iterator[tuple[str, str, int | None]]:
    """Bucket, key and local port of the S3 backends that a stack's folder names."""
    for file, path in _SETTINGS.items():
        try:
            backend = reduce(getitem, path, json.loads((folder / file).read_text(encoding="utf-8")))
            yield str(backend["bucket"]), str(backend["key"]), _port((backend.get("endpoints") or {}).get("s3"))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            # It is gone, being written, or not one of our backends.
            continue


def _port(endpoint: str | None) -> int | None:
    """The port, which tells local clouds apart however their loopback address is written; None for AWS."""
    parts = urlsplit(endpoint or "")
    return parts.port if parts.hostname in LOOPBACK else None

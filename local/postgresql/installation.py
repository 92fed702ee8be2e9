"""Finds a PostgreSQL server that the account's unprivileged user can run."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local.postgresql.packaged_server import packaged_server
from local.runtime.errors import LocalCloudError
from local.runtime.paths import cache_folder

BIN_VARIABLE = "MOSAIC_POSTGRES_BIN"
_PACKAGED = "postgresql-server"
# In earlier versions a login with CREATEROLE controlled every role of the server.
OLDEST = 16
# A server refuses to run as root; the first of these users that exists runs it instead.
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The programs of one PostgreSQL server.

    ``binaries``: the folder of initdb and postgres; ``user``: the user who runs them, None for the caller.
    """

    binaries: Path
    version: str
    user: str | None

    @property
    def major(self) -> str:
        """The version of the data folder's format."""
        return self.version.split(".")[0]


def find_installation(state: Path) -> Installation:
    """Return the server in MOSAIC_POSTGRES_BIN, of any major version from 16 on, otherwise the packages' own.

    The packages' server is in the cache. If the caller is root and other users cannot enter the cache (it is in root's
    home), it is in the state folder.

    Raises:
        LocalCloudError: there is none, it is older than PostgreSQL 16, or its user cannot reach it or the state.

    """
    user = _server_user()
    if user is not None:
        _require_reachable(state, "the state folder (MOSAIC_LOCAL_STATE)", user)
    given = os.environ.get(BIN_VARIABLE)
    if given:
        binaries = Path(given)
        if not (binaries / "postgres").is_file() or not (binaries / "initdb").is_file():
            raise LocalCloudError(f"{BIN_VARIABLE}={given}: a folder with the programs postgres and initdb is needed.")
    else:
        cache = cache_folder()
        binaries = packaged_server((cache if user is None or _is_reachable(cache) else state) / _PACKAGED)
    if user is not None:
        _require_reachable(binaries, BIN_VARIABLE if given else "the folder of PostgreSQL's programs", user)
    version = subprocess.run(
        [binaries / "postgres", "--version"],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout.split()[2]
    if int(version.split(".")[0]) < OLDEST:
        raise LocalCloudError(f"{binaries} holds PostgreSQL {version}; {OLDEST} or newer is needed.")
    return Installation(binaries=binaries, version=version, user=user)


def _server_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for user in _UNPRIVILEGED:
        if user in known:
            return user
    raise LocalCloudError(f"PostgreSQL will not run as root, and there is no user {' or '.join(_UNPRIVILEGED)}.")


def _is_reachable(folder: Path) -> bool:
    return all(it.stat().st_mode & stat.S_IXOTH for it in (folder, *folder.parents))


def _require_reachable(folder: Path, name: str, user: str) -> None:
    for it in (folder, *folder.parents):
        if not it.stat().st_mode & stat.S_IXOTH:
            raise LocalCloudError(f"{name} is {folder}, but user {user}, who runs PostgreSQL, cannot enter {it}.")

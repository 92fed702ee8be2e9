"""The operating system's user that a process runs as."""

import pwd
from typing import TypedDict


class ProcessUser(TypedDict):
    """The arguments of ``subprocess`` that run a process as another user; all None for the caller."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def process_user(name: str | None) -> ProcessUser:
    """Return the arguments for the user with this name, with only its own group; None: the caller.

    Raises:
        KeyError: there is no such user.

    """
    if name is None:
        return ProcessUser(user=None, group=None, extra_groups=None)
    entry = pwd.getpwnam(name)
    return ProcessUser(user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])

"""The operating system's user that a process runs as."""

import pwd
from typing import TypedDict


class ProcessUser(TypedDict):
    """The arguments of ``subprocess`` by which a process runs as another user; all None for the caller."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def process_user(name: str | None) -> ProcessUser:
    """Return the arguments for the user of this name, with no group but its own; None: the caller.

    Raises:
        KeyError: there is no such user.

    """
    if name is None:
        return ProcessUser(user=None, group=None, extra_groups=None)
    entry = pwd.getpwnam(name)
    return ProcessUser(user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])

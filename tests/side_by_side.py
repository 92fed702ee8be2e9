"""How `make test` divides its tests among processes: what shares a local cloud's environments stays in one."""

from xdist.scheduler import LoadScopeScheduling

# Most of a live test is waiting, so two processes are done earlier; each has a local cloud of its own.
_LIVE = "tests/live/"
# These deploy environments of their own, or none.
_INDEPENDENT = ("tests/live/faults/", "tests/live/test_bad_commands.py", "tests/live/test_bad_input.py")


def unit_of(nodeid: str) -> str:
    """What this test is run together with, in the order in which they were collected."""
    for path in _INDEPENDENT:
        if nodeid.startswith(path):
            return path
    return _LIVE if nodeid.startswith(_LIVE) else "all others"


class UnitScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Gives each process one unit after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

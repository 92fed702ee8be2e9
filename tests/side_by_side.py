"""How `make test` divides its tests among processes: what shares a local cloud's environments stays in one."""

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

from tests.live.selection import group_of


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Gives each process one group after the other.

    xdist 3.8's own `--dist loadgroup` writes the group behind a test's id, which pytest 9.2 no longer lets it do: it
    divides the tests one by one (docs/traps.md).
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(Path(nodeid.partition("::")[0]).relative_to("tests"))

"""How `make test` distributes its tests: those that share a local cloud's environments stay in one process."""

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.live.selection import LONGEST, group_of


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Gives each process one group after another.

    xdist 3.8's own `--dist loadgroup` appends the group to a test's id, which pytest 9.2 no longer allows: it
    distributes single tests instead (docs/traps.md).
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Begin with the groups that take longest, so that none of them ends last and alone."""
        for group in reversed(LONGEST):
            if group in self.workqueue:
                self.workqueue.move_to_end(group, last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(Path(nodeid.partition("::")[0]).relative_to("tests"))

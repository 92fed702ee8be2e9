"""Three slots claimed by three pull requests; two of the slots are deployed."""

from dataclasses import dataclass

from tests.live.previews.preview_commands import PreviewCommands
from tests.live.project import Run


@dataclass(frozen=True, kw_only=True)
class OccupiedSlots:
    """inventory: the account's before the claims. claimed: the runs of three simultaneous claims, by pull request.

    first, second: deployed slots; third: a claimed one. requests: the pull request of each slot. deployed: the runs of
    the two deploys.
    """

    commands: PreviewCommands
    inventory: frozenset[str]
    claimed: dict[int, Run]
    deployed: dict[str, Run]
    requests: dict[str, int]
    first: str
    second: str
    third: str

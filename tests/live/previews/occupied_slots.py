"""Three slots that three pull requests have, two of which are deployed."""

from dataclasses import dataclass

from tests.live.previews.preview_commands import PreviewCommands
from tests.live.project import Run


@dataclass(frozen=True, kw_only=True)
class OccupiedSlots:
    """inventory: of the account before. claimed: the runs of three claims at once, by pull request.

    first, second: slots that are deployed; third: one that is claimed. requests: the pull request of each slot.
    deployed: the runs of the two deploys.
    """

    commands: PreviewCommands
    inventory: frozenset[str]
    claimed: dict[int, Run]
    deployed: dict[str, Run]
    requests: dict[str, int]
    first: str
    second: str
    third: str

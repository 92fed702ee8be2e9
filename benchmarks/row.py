"""One measured row of a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a table, and what runs for it.

    Attributes:
        name: the row's first cell.
        commands: programs with their arguments; they run one after the other in the project's folder.
        variables: added to the environment.
        before: runs before each measurement and is not measured.
        wanted: the target, as the table shows it; empty if there is none.

    """

    name: str
    commands: Sequence[Sequence[str]]
    variables: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    wanted: str = ""

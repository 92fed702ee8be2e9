"""A part of the benchmarks."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.bench import Bench


@dataclass(frozen=True, kw_only=True)
class Part:
    """What can be measured by itself.

    Attributes:
        name: as ``--only`` takes it.
        title: above its table.
        run: prepares, hands rows to the bench and adds notes below them. Raises MeasurementError.

    """

    name: str
    title: str
    run: Callable[[Bench], None]

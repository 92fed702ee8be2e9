"""A part of the benchmarks."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.bench import Bench


@dataclass(frozen=True, kw_only=True)
class Part:
    """A group of rows that can be measured by itself.

    Attributes:
        name: its value for ``--only``.
        title: above its table.
        run: prepares, passes rows to the bench and adds notes below them. Raises MeasurementError.

    """

    name: str
    title: str
    run: Callable[[Bench], None]

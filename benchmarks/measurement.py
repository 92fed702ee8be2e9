"""Measures how long a row's commands take and how much memory they use."""

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile

from benchmarks.peak_memory import PeakMemory
from benchmarks.row import Row
from modules.model.project import ROOT


class MeasurementError(Exception):
    """A measured command failed; the message holds its output."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run of a row, or the medians of several.

    Attributes:
        wall: seconds from start to end, for all its commands together.
        cpu: seconds of processor time, of all processes.
        memory: MiB, the largest total resident memory of a command's processes; None if each ended too soon to say.

    """

    wall: float
    cpu: float
    memory: float | None

    def compared_with(self, first: "Measurement") -> str:
        """Return how many times faster or slower, and how many times smaller or larger this is."""
        ratios = [_ratio(self.wall / first.wall, "faster", "as long")]
        if self.memory and first.memory:
            ratios.append(_ratio(self.memory / first.memory, "smaller", "as large"))
        return ", ".join(ratios)


def measure(row: Row) -> Measurement:
    """Run a row's commands once.

    Raises:
        MeasurementError: one failed.

    """
    row.before()
    runs = [_run(row, command) for command in row.commands]
    return Measurement(
        wall=sum(run.wall for run in runs),
        cpu=sum(run.cpu for run in runs),
        memory=max((run.memory for run in runs if run.memory is not None), default=None),
    )


def medians(runs: Sequence[Measurement]) -> Measurement:
    """The median of each figure; no memory unless every run has it."""
    memories = [run.memory for run in runs if run.memory is not None]
    return Measurement(
        wall=statistics.median(run.wall for run in runs),
        cpu=statistics.median(run.cpu for run in runs),
        memory=statistics.median(memories) if len(memories) == len(runs) else None,
    )


def _run(row: Row, command: Sequence[str]) -> Measurement:
    with TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **row.variables}, stdout=output, stderr=output)
        with PeakMemory(process.pid) as peak:
            # Not Popen.wait: only wait4 reports the processor time of this one process and of those that it waited for.
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            raise MeasurementError(
                f"{row.name}: `{' '.join(command)}` ended with {process.returncode}:\n{output.read().decode()}"
            )
    return Measurement(wall=wall, cpu=usage.ru_utime + usage.ru_stime, memory=peak.mebibytes())


def _ratio(times: float, less: str, more: str) -> str:
    return f"{1 / times:.1f} times {less}" if times < 1 else f"{times:.1f} times {more}"

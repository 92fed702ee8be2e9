"""How long commands take and how much memory they use, measured in turns so that all meet the same machine."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryFile

import psutil

from modules.model.project import ROOT

_SAMPLING_SECONDS = 0.02
_MEBIBYTE = 2**20


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is measured.

    Attributes:
        name: stands in the table.
        arguments: the program and its arguments, run in the project's folder.
        variables: added to the environment.
        before: runs before each measurement and is not measured.

    """

    name: str
    arguments: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run, or the medians of several.

    Attributes:
        wall: seconds from start to end.
        cpu: seconds of processor time, of all its processes.
        memory: MiB, the largest sum of its processes' resident memory.

    """

    wall: float
    cpu: float
    memory: float


def measure(command: Command) -> Measurement:
    """Run a command once.

    Raises:
        RuntimeError: it failed; the message holds its output.

    """
    command.before()
    with TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command.arguments, cwd=ROOT, env={**os.environ, **command.variables}, stdout=output, stderr=output
        )
        with _PeakMemory(process.pid) as peak:
            # Not Popen.wait: only wait4 tells the processor time of this one process and of those that it waited for.
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            raise RuntimeError(f"{command.name} ended with {process.returncode}:\n{output.read().decode()}")
    return Measurement(wall=wall, cpu=usage.ru_utime + usage.ru_stime, memory=peak.bytes / _MEBIBYTE)


def medians(commands: Sequence[Command], rounds: int) -> dict[str, Measurement]:
    """Run all commands in turn, that many rounds; return the medians by name."""
    runs: dict[str, list[Measurement]] = {command.name: [] for command in commands}
    for _ in range(rounds):
        for command in commands:
            runs[command.name].append(measure(command))
    return {
        name: Measurement(
            wall=statistics.median(run.wall for run in measured),
            cpu=statistics.median(run.cpu for run in measured),
            memory=statistics.median(run.memory for run in measured),
        )
        for name, measured in runs.items()
    }


class _PeakMemory:
    """Samples the resident memory of a process and its descendants. What two of them share counts twice."""

    def __init__(self, process: int) -> None:
        self.bytes = 0
        self._root = psutil.Process(process)
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample)

    def __enter__(self) -> "_PeakMemory":
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._sampler.join()

    def _sample(self) -> None:
        while not self._ended.wait(_SAMPLING_SECONDS):
            try:
                family = [self._root, *self._root.children(recursive=True)]
                self.bytes = max(self.bytes, sum(process.memory_info().rss for process in family))
            except psutil.NoSuchProcess:
                continue  # one of them ended between being listed and being asked

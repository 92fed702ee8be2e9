"""The memory of a process and its descendants."""

import threading

import psutil

_SAMPLING_SECONDS = 0.02
# A process that ended before this many samples may never have been seen at its full size.
_FEWEST_SAMPLES = 5
_MEBIBYTE = 2**20


class PeakMemory:
    """Samples the resident memory of a process and its descendants while in use as a context.

    Memory that two of them share counts twice.
    """

    def __init__(self, process: int) -> None:
        self._largest = 0
        self._samples = 0
        self._root = psutil.Process(process)
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample)

    def __enter__(self) -> "PeakMemory":
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._sampler.join()

    def mebibytes(self) -> float | None:
        """The largest total seen, in MiB; None if the process ended too soon to say."""
        return self._largest / _MEBIBYTE if self._samples >= _FEWEST_SAMPLES else None

    def _sample(self) -> None:
        while not self._ended.wait(_SAMPLING_SECONDS):
            try:
                family = [self._root, *self._root.children(recursive=True)]
                self._largest = max(self._largest, sum(process.memory_info().rss for process in family))
            except psutil.NoSuchProcess:
                continue  # one of them ended between being listed and being asked
            self._samples += 1

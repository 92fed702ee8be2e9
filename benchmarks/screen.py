"""The output of the benchmarks."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_ERASE_LINE = "\r\x1b[K"


class Screen:
    """Prints results to standard output, and what is being measured to standard error.

    If both are terminals, the latter disappears once it is measured. Otherwise it is a line without cursor codes.
    """

    def __init__(self) -> None:
        self._results, self._progress = sys.stdout, sys.stderr
        self._erases = self._results.isatty() and self._progress.isatty()

    def show(self, line: str) -> None:
        """Print a line of the results, at once."""
        print(line, file=self._results, flush=True)

    @contextmanager
    def measuring(self, line: str) -> Iterator[None]:
        """Show what is being measured for the duration of the context."""
        if not self._erases:
            print(line, file=self._progress, flush=True)
            yield
            return
        # A line that wraps could not be erased.
        self._write(line[: shutil.get_terminal_size().columns - 1])
        try:
            yield
        finally:
            self._write(_ERASE_LINE)

    def _write(self, text: str) -> None:
        self._progress.write(text)
        self._progress.flush()

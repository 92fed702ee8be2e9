"""Measures this project in ratios: ``python -m benchmarks [--only NAME ...] [--rounds N]`` (docs/benchmarks.md)."""

import argparse
import sys
from collections.abc import Sequence

from benchmarks.bench import Bench
from benchmarks.catalogue import PARTS
from benchmarks.measurement import MeasurementError
from benchmarks.part import Part
from benchmarks.screen import Screen

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, parts: Sequence[Part] = PARTS) -> int:
    """Measure the requested parts in the order of the list.

    Returns the exit code: 0; 1 if a measured command failed; 130 on Ctrl-C. Invalid arguments raise SystemExit with 2.
    """
    options = _parser([part.name for part in parts]).parse_args(arguments)
    requested = [part for part in parts if not options.only or part.name in options.only]
    screen = Screen()
    try:
        for position, part in enumerate(requested, start=1):
            later = [other.name for other in requested[position:]]
            part.run(Bench(part.name, title=part.title, later=later, rounds=options.rounds, screen=screen))
    except MeasurementError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Prints tables of ratios, each row as soon as it is known."
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=names,
        metavar="NAME",
        help=f"measure these parts and no others: {', '.join(names)}",
    )
    parser.add_argument(
        "--rounds", type=_rounds, default=5, metavar="N", help="runs of each row; the table shows medians (default: 5)"
    )
    return parser


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())

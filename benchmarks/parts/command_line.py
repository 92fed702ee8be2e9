"""Measures how long the command line takes to start, and what it saves by loading each command only when called."""

import sys

from benchmarks.bench import Bench
from benchmarks.part import Part
from benchmarks.row import Row

_EVERY_COMMAND = """
import importlib, pkgutil
import delivery.commands as commands
for module in pkgutil.iter_modules(commands.__path__, "delivery.commands."):
    importlib.import_module(module.name)
"""


def _run(bench: Bench) -> None:
    rows = [
        Row(name="python -c pass", commands=[(sys.executable, "-c", "pass")]),
        Row(
            name="python -m delivery --help",
            commands=[(sys.executable, "-m", "delivery", "--help")],
            wanted="0.3 s on a quiet machine",
        ),
        Row(name="importing every command", commands=[(sys.executable, "-c", _EVERY_COMMAND)]),
    ]
    # The first run of each compiles modules.
    for row in rows:
        bench.prepare(row)
    _, lazy, eager = bench.in_turn(rows)
    bench.note(f"Importing every command takes {eager.wall / lazy.wall:.1f} times as long as --help.")


PART = Part(name="command-line", title="The start of the command line", run=_run)

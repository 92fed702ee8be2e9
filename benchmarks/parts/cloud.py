"""Measures the start and the stop of the local cloud, and the memory of its parts."""

from benchmarks.bench import Bench
from benchmarks.own_cloud import DOWN, UP, own_cloud
from benchmarks.part import Part
from benchmarks.row import Row
from local import commands as cloud

_MEBIBYTE = 2**20
_WANTED_MEBIBYTES = 1000


def _run(bench: Bench) -> None:
    with own_cloud(bench):
        bench.once(
            [
                Row(name="up from nothing", commands=[UP], wanted="15 s"),
                Row(name="down", commands=[DOWN]),
                Row(name="up again, data kept", commands=[UP], wanted="15 s"),
            ]
        )
        memory = {part.name: part.memory or 0 for part in cloud.status()}
    total = sum(memory.values())
    bench.note(f"Its parts use {total / _MEBIBYTE:.0f} MiB (wanted: {_WANTED_MEBIBYTES}):")
    for name, size in memory.items():
        bench.note(f"  {name:<24} {size / _MEBIBYTE:>4.0f} MiB {size / total:>4.0%}")


PART = Part(name="cloud", title="The local cloud", run=_run)

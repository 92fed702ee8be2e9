"""Measures how the time of a synthesis grows with the number of environments."""

import sys
from tempfile import TemporaryDirectory

from benchmarks.bench import Bench
from benchmarks.part import Part
from benchmarks.row import Row

_FEW, _MANY = 2, 100


def _run(bench: Bench) -> None:
    with TemporaryDirectory(prefix="mosaic-bench-") as folder:

        def row(count: int, wanted: str = "") -> Row:
            return Row(
                name=f"{count} environment{'s' if count > 1 else ''}",
                commands=[(sys.executable, "-m", "benchmarks.many_environments", str(count))],
                variables={"CDKTF_OUTDIR": f"{folder}/{count}"},
                wanted=wanted,
            )

        few, *_, many = bench.in_turn([row(_FEW), row(1), row(10), row(50), row(_MANY, wanted="4 times as long")])
    one_more = (many.wall - few.wall) / (_MANY - _FEW)
    bench.note(f"One environment more: {one_more * 1000:.0f} ms, {one_more / few.wall:.1%} of {_FEW} environments.")


PART = Part(name="environments", title="Synthesis of many environments", run=_run)

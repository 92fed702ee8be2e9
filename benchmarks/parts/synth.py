"""Measures the synthesis of every stack with whole providers and with slim ones."""

import shutil
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bench import Bench
from benchmarks.part import Part
from benchmarks.row import Row

_MAIN = (sys.executable, "main.py")
_TESTS = "tests/synth"


def _run(bench: Bench) -> None:
    with TemporaryDirectory(prefix="mosaic-bench-") as temporary:
        folder = Path(temporary)
        cache = folder / "cache"
        # jsii caches what it unpacks in a folder of its own: an empty cache must be empty of both.
        caches = {"MOSAIC_CACHE": str(cache), "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache / "jsii")}
        written = [folder / name for name in ("full", "cold", "warm")]
        full, cold, warm = ({"CDKTF_OUTDIR": str(output)} for output in written)
        whole = Row(name="whole providers", commands=[_MAIN], variables={**full, "MOSAIC_BINDINGS": "full"})
        # The first run fills jsii's own cache.
        bench.prepare(whole)
        bench.in_turn(
            [
                whole,
                Row(
                    name="slim ones, cache empty",
                    commands=[_MAIN],
                    variables={**cold, **caches},
                    before=partial(shutil.rmtree, cache, ignore_errors=True),
                    wanted="3 times faster",
                ),
                Row(
                    name="slim ones, cache filled",
                    commands=[_MAIN],
                    variables={**warm, **caches},
                    wanted="20 times faster, 8 times smaller",
                ),
                Row(name=_TESTS, commands=[(sys.executable, "-m", "pytest", "-q", _TESTS)]),
            ]
        )
        first, *others = map(_contents, written)
        same = all(content == first for content in others)
        bench.note(f"The JSON of the three is {'the same, byte by byte' if same else 'NOT THE SAME'}.")


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


PART = Part(name="synth", title="Synthesis of every stack", run=_run)

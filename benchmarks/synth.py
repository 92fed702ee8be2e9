"""Measures synthesis: `python -m benchmarks.synth [--rounds N]`, about ten minutes.

The figures of one machine say little, the ratios of one run more. Nothing here is a test: the tests time nothing.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measurement import PROJECT, Command, Measurement, measure, medians
from benchmarks.table import print_table
from local import cloud
from local.errors import LocalCloudError

_HEADER = ("", "wall s", "CPU s", "memory MiB")
_COUNTS = (1, 2, 10, 50, 100)
_ENVIRONMENT = "staging"


def main() -> None:
    """Print a table for each question."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command; their median is shown (default 5)")
    rounds = parser.parse_args().rounds
    with TemporaryDirectory(prefix="mosaic-bench-") as folder:
        measure_providers(Path(folder), rounds)
        measure_environments(Path(folder), rounds)
        measure_tests()
        measure_plans(Path(folder), rounds)


def measure_providers(folder: Path, rounds: int) -> None:
    """Synthesize the project with whole providers, with an empty cache of slim ones and with a filled one."""
    cache = folder / "cache"
    # jsii keeps what it unpacks in a cache of its own: "cold" is without both.
    caches = {"MOSAIC_CACHE": str(cache), "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache / "jsii")}
    forget = partial(shutil.rmtree, cache, ignore_errors=True)
    commands = [
        _synth("full", folder, ["main.py"], {"MOSAIC_BINDINGS": "full"}),
        _synth("cold", folder, ["main.py"], caches, before=forget),
        _synth("warm", folder, ["main.py"], caches),
    ]
    # The first "full" of all fills the user's own jsii cache.
    medians(commands[:1], 1)
    results = medians(commands, rounds)
    full = results["full"]
    print_table(
        f"Synthesis of every environment, by the way in which providers are loaded (medians of {rounds} runs)",
        (*_HEADER, "full is slower by", "full is larger by"),
        [
            (*_row(name, result), f"{full.wall / result.wall:.1f}", f"{full.memory / result.memory:.1f}")
            for name, result in results.items()
        ],
    )
    contents = {name: _contents(folder / name) for name in results}
    same = all(content == contents["full"] for content in contents.values())
    print(f"The JSON of the three is {'the same, byte by byte' if same else 'NOT THE SAME'}.")


def measure_environments(folder: Path, rounds: int) -> None:
    """Synthesize some numbers of environments."""
    commands = [_synth(str(count), folder, ["-m", "benchmarks.many_environments", str(count)], {}) for count in _COUNTS]
    results = medians(commands, rounds)
    two = results["2"]
    print_table(
        f"Synthesis by number of environments (medians of {rounds} runs)",
        (*_HEADER, "to 2 environments"),
        [(*_row(name, result), f"{result.wall / two.wall:.1f}") for name, result in results.items()],
    )
    first, last = _COUNTS[0], _COUNTS[-1]
    one_more = (results[str(last)].wall - results[str(first)].wall) / (last - first)
    print(f"One more environment takes {one_more * 1000:.0f} ms.")


def measure_tests() -> None:
    """Run the tests of the synthesized stacks."""
    result = measure(Command(name="tests/synth", arguments=[sys.executable, "-m", "pytest", "-q", "tests/synth"]))
    print_table("The test suite of the synthesized stacks (one run)", _HEADER, [_row("tests/synth", result)])


def measure_plans(folder: Path, rounds: int) -> None:
    """Plan an environment on the local cloud through cdktf and by terraform alone; needs the local cloud."""
    title = f"A plan of {_ENVIRONMENT} on the local cloud (medians of {rounds} runs)"
    try:
        variables = cloud.environment()
    except LocalCloudError as error:
        print(f"\n{title}: not measured, {error}")
        return
    stack = folder / "plans" / "stacks" / _ENVIRONMENT
    cdktf = str(PROJECT / "node_modules" / ".bin" / "cdktf")
    commands = [
        Command(
            name="cdktf plan",
            arguments=[cdktf, "plan", _ENVIRONMENT, f"--output={folder / 'plans'}"],
            variables=variables,
        ),
        Command(
            name="terraform plan",
            arguments=["terraform", f"-chdir={stack}", "plan", "-input=false"],
            variables=variables,
        ),
    ]
    # The first cdktf run initializes the folder for both.
    medians(commands, 1)
    results = medians(commands, rounds)
    terraform = results["terraform plan"]
    print_table(
        title,
        (*_HEADER, "to terraform"),
        [(*_row(name, result), f"{result.wall / terraform.wall:.2f}") for name, result in results.items()],
    )


def _synth(
    name: str,
    folder: Path,
    arguments: Sequence[str],
    variables: Mapping[str, str],
    before: Callable[[], None] = lambda: None,
) -> Command:
    """Describe a run of Python that writes its stacks to the folder's subfolder of this name."""
    return Command(
        name=name,
        arguments=[sys.executable, *arguments],
        variables={**variables, "CDKTF_OUTDIR": str(folder / name)},
        before=before,
    )


def _row(name: str, result: Measurement) -> tuple[str, ...]:
    return name, f"{result.wall:.2f}", f"{result.cpu:.2f}", f"{result.memory:.0f}"


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


if __name__ == "__main__":
    main()

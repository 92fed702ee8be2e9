"""Measures synthesis: `python -m benchmarks.synth [--rounds N]`, about ten minutes on two free cores.

Every command runs in turn with all others, so that a busy moment meets all of them. The ratios say more than the
seconds. Nothing here is a test: the tests time nothing.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measurement import Command, Measurement, measure, medians
from benchmarks.table import print_table
from local import commands as cloud
from local.runtime.errors import LocalCloudError
from modules.model.project import ROOT

_COUNTS = (1, 2, 10, 50, 100)
_ENVIRONMENT = "staging"
_TESTS = "tests/synth"


def main() -> None:
    """Print one table, and whether the three ways to load the providers wrote the same bytes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command; their median is shown (default 5)")
    rounds = parser.parse_args().rounds
    with TemporaryDirectory(prefix="mosaic-bench-") as temporary:
        folder = Path(temporary)
        plans = _plan_commands(folder)
        tests = Command(name=_TESTS, arguments=[sys.executable, "-m", "pytest", "-q", _TESTS])
        # The first "full" of all fills jsii's own cache, the first cdktf run initializes Terraform's folder.
        for command in (_provider_commands(folder)[0], *plans[:1]):
            measure(command)
        results = medians([*_provider_commands(folder), *_environment_commands(folder), tests, *plans], rounds)
        print_table(
            f"Synthesis (medians of {rounds} runs, all commands in turn)",
            ("", "wall s", "CPU s", "memory MiB", "wanted", "reached"),
            [
                *_provider_rows(results),
                *_environment_rows(results),
                _row(_TESTS, results[_TESTS]),
                *_plan_rows(results),
            ],
        )
        full, *others = (_contents(folder / name) for name in ("full", "cold", "warm"))
        same = all(content == full for content in others)
        print(f"The JSON of full, cold and warm is {'the same, byte by byte' if same else 'NOT THE SAME'}.")


def _provider_commands(folder: Path) -> list[Command]:
    """Synthesize the project with whole providers, with an empty cache of slim ones and with a filled one."""
    cache = folder / "cache"
    # jsii keeps what it unpacks in a cache of its own: "cold" is without both.
    caches = {"MOSAIC_CACHE": str(cache), "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache / "jsii")}
    forget = partial(shutil.rmtree, cache, ignore_errors=True)
    return [
        _synth("full", folder, ["main.py"], {"MOSAIC_BINDINGS": "full"}),
        _synth("cold", folder, ["main.py"], caches, before=forget),
        _synth("warm", folder, ["main.py"], caches),
    ]


def _provider_rows(results: Mapping[str, Measurement]) -> list[tuple[str, ...]]:
    full, cold, warm = (results[name] for name in ("full", "cold", "warm"))
    return [
        _row("every environment, whole providers", full),
        _row("... slim ones, cache empty", cold, "3 times faster", _smaller(full, cold)),
        _row("... slim ones, cache filled", warm, "20 times faster, 8 times smaller", _smaller(full, warm)),
    ]


def _smaller(full: Measurement, slim: Measurement) -> str:
    return f"{full.wall / slim.wall:.1f} times faster, {full.memory / slim.memory:.1f} times smaller"


def _environment_commands(folder: Path) -> list[Command]:
    """Synthesize some numbers of environments."""
    return [_synth(str(count), folder, ["-m", "benchmarks.many_environments", str(count)], {}) for count in _COUNTS]


def _environment_rows(results: Mapping[str, Measurement]) -> list[tuple[str, ...]]:
    first, last = _COUNTS[0], _COUNTS[-1]
    one_more = (results[str(last)].wall - results[str(first)].wall) / (last - first)
    times = results[str(last)].wall / results["2"].wall
    return [
        *(_row(f"{count} environments", results[str(count)]) for count in _COUNTS[:-1]),
        _row(f"{last} environments", results[str(last)], "4 times 2 environments", f"{times:.1f} times"),
        ("one environment more", f"{one_more:.3f}", "", "", "", ""),
    ]


def _plan_commands(folder: Path) -> list[Command]:
    """Plan an environment on the local cloud through cdktf and by terraform alone; nothing where no local cloud is."""
    try:
        variables = cloud.environment()
    except LocalCloudError as error:
        print(f"no plan is measured: {error}", file=sys.stderr)
        return []
    stack = folder / "plans" / "stacks" / _ENVIRONMENT
    cdktf = str(ROOT / "node_modules" / ".bin" / "cdktf")
    return [
        Command(
            name="cdktf plan",
            arguments=[cdktf, "plan", _ENVIRONMENT, f"--output={folder / 'plans'}"],
            # As delivery/terraform/cdktf.py calls it.
            variables={**variables, "MOSAIC_ENVIRONMENT": _ENVIRONMENT, "CHECKPOINT_DISABLE": "1"},
        ),
        Command(
            name="terraform plan",
            arguments=["terraform", f"-chdir={stack}", "plan", "-input=false"],
            variables=variables,
        ),
    ]


def _plan_rows(results: Mapping[str, Measurement]) -> list[tuple[str, ...]]:
    if "cdktf plan" not in results:
        return []
    cdktf, terraform = results["cdktf plan"], results["terraform plan"]
    return [
        _row(f"terraform plan of {_ENVIRONMENT}", terraform),
        _row(f"cdktf plan {_ENVIRONMENT}", cdktf, "1.25 times terraform", f"{cdktf.wall / terraform.wall:.2f} times"),
    ]


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


def _row(name: str, result: Measurement, wanted: str = "", reached: str = "") -> tuple[str, ...]:
    return name, f"{result.wall:.2f}", f"{result.cpu:.2f}", f"{result.memory:.0f}", wanted, reached


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


if __name__ == "__main__":
    main()

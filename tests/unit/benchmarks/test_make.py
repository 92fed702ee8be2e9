"""The command that `make bench` runs."""

import subprocess

import pytest

from modules.model.project import ROOT


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ([], ""),
        (["ONLY=synth"], " --only synth"),
        (["ONLY=synth cloud", "ROUNDS=1"], " --only synth cloud --rounds 1"),
    ],
)
def test_make_bench_passes_on_parts_and_rounds(variables: list[str], arguments: str) -> None:
    printed = subprocess.run(
        ["make", "--dry-run", "bench", *variables], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert printed.splitlines()[-1].split() == f".venv/bin/python -m benchmarks{arguments}".split()

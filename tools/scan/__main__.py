"""Runs checkov, kube-score and parliament over every synthesized stack.

``python -m tools.scan``: prints a line for each finding that tools/scan/exceptions.yaml does not accept, and for each
unused exception. Exit code 0 if there are none, 1 if there are any, 2 if a scanner failed.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.terraform.stack_configuration import StackConfiguration
from delivery.terraform.stack_json import FILE, StackError, read_stack
from modules.model.project import ROOT
from tools.scan.checkov import checkov
from tools.scan.exceptions import Exceptions, ExceptionsError
from tools.scan.finding import Finding, ScanError
from tools.scan.kube_score import kube_score
from tools.scan.parliament import parliament

_Scanner = Callable[[Mapping[str, StackConfiguration], Path], Iterator[Finding]]
_SCANNERS: tuple[_Scanner, ...] = (checkov, kube_score, parliament)


def synthesize(folder: Path) -> dict[str, StackConfiguration]:
    """Synthesize every stack and return them by name. Raises ScanError if synthesis fails."""
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=ROOT,
        env={**os.environ, "CDKTF_OUTDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise ScanError(f"main.py ended with {done.returncode}: {done.stderr.strip()}")
    found = {file.parent.name: StackConfiguration(read_stack(file)) for file in (folder / "stacks").glob(f"*/{FILE}")}
    return dict(sorted(found.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, scan, print the findings."""
    argparse.ArgumentParser(prog="python -m tools.scan", description=__doc__).parse_args(arguments)
    try:
        exceptions = Exceptions.read()
        with TemporaryDirectory() as scratch:
            folder = Path(scratch)
            stacks = synthesize(folder / "synthesized")
            findings = [finding for scanner in _SCANNERS for finding in scanner(stacks, folder / str(scanner.__name__))]
    except (ExceptionsError, ScanError, StackError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    unknown, unused = exceptions.sort_out(findings)
    for finding in unknown:
        print(finding)
    for row in unused:
        print(f"the exception {row} matches no finding: remove it from tools/scan/exceptions.yaml")
    print(
        f"{len(stacks)} stacks, {len(findings)} findings, {len(unknown)} not accepted, {len(unused)} unused exceptions"
    )
    return 1 if unknown or unused else 0


if __name__ == "__main__":
    sys.exit(main())

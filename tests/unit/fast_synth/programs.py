"""Programs that synthesize in their own processes, with or without the fast provider loading."""

import os
import subprocess
import sys
from pathlib import Path

from modules.model.project import ROOT

# Writes a stack to the folder given as argument. PostgreSQL's provider is by far the smallest of the three.
APPLICATION = """
import sys
import modules.base.bindings
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_postgresql.provider import PostgresqlProvider
from cdktf_cdktf_provider_postgresql.role import Role

app = App(outdir=sys.argv[1])
stack = TerraformStack(app, "stack")
PostgresqlProvider(stack, "postgresql", host="localhost", superuser=False)
Role(stack, "role", name="core", login=True, roles=["reader"])
app.synth()
"""


def start(code: str, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "MOSAIC_BINDINGS": "slim", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
        | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def succeed(process: "subprocess.Popen[str]") -> None:
    output, errors = process.communicate()
    assert (process.returncode, output, errors) == (0, "", "")


def output_of(process: "subprocess.Popen[str]") -> str:
    """Return a program's output; it must succeed without warnings."""
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    return output


def fail(process: "subprocess.Popen[str]") -> str:
    _, errors = process.communicate()
    assert process.returncode == 1
    return errors


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

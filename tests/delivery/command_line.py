"""Runs delivery's commands, isolated from the caller's clouds."""

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

from modules.model.project import ROOT

# Nothing listens on this loopback address.
NOWHERE = "http://127.0.0.1:1"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_EC2_METADATA_DISABLED": "true"}

# A short command spends most of its time importing third-party packages. A server imports them once; each command is a
# fork of it and imports the whole project itself.
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["boto3", "lightkube", "psycopg", "pydantic", "yaml"])


def run_command(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m delivery WORD ...`` in its own process, with these variables only."""
    return run_command_in(ROOT, *words, **variables)


def run_command_in(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it in this working folder."""
    environment = {"PATH": "", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", **variables}
    with tempfile.TemporaryDirectory() as printing:
        printed = (Path(printing) / "output", Path(printing) / "errors")
        process = _SERVER.Process(target=_run, args=(words, folder, environment, *printed))
        process.start()
        process.join()
        output, errors = (path.read_text(encoding="utf-8") for path in printed)
    assert process.exitcode is not None
    return subprocess.CompletedProcess(words, process.exitcode, output, errors)


def _run(words: tuple[str, ...], folder: Path, environment: dict[str, str], output: Path, errors: Path) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in ((1, output), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    sys.stdout, sys.stderr = (open(descriptor, "w", encoding="utf-8", closefd=False) for descriptor in (1, 2))  # noqa: SIM115 they last as long as the process
    # The server inherited the caller's variable; with it each command would compile the project again.
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in environment
    sys.argv = ["delivery", *words]
    try:
        runpy.run_module("delivery", run_name="__main__", alter_sys=True)
    finally:
        # A fork of the server exits without running them.
        atexit._run_exitfuncs()

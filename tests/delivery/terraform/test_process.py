"""An interrupt reaches Terraform exactly once, but not the program that started it."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from delivery.terraform import process
from modules.model.project import ROOT

# Replaces cdktf: starts Terraform in its own session, and exits on SIGINT without waiting for it.
STARTER = "import subprocess, sys; sys.exit(subprocess.Popen(sys.argv[1:], start_new_session=True).wait())"
# Prints each signal that it gets, and exits some time after the first.
TERRAFORM = """
import signal, sys, time
got = []
def say(number, frame):
    print("terraform got", signal.Signals(number).name, flush=True)
    got.append(number)
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, say)
print("ready", flush=True)
while not got:
    time.sleep(0.01)
time.sleep(1)
print("terraform stored its state", flush=True)
sys.exit(1)
"""


@pytest.mark.parametrize("sent", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]])
def test_an_interrupted_terraform_exits_cleanly(tmp_path: Path, sent: list[signal.Signals]) -> None:
    # It is recognized by its process name, which is the file name.
    terraform = tmp_path / "terraform"
    shutil.copy(os.path.realpath(sys.executable), terraform)
    command = [sys.executable, "-c", STARTER, str(terraform), "-c", TERRAFORM]
    code = (
        "from pathlib import Path; from delivery.terraform import process;"
        f"print(process.run({command!r}, folder=Path('.'), said='stopping'))"
    )
    environment = {**os.environ, "PYTHONHOME": sys.base_prefix}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        lines = []
        for each in sent:
            os.killpg(process.pid, each)
            # Two signals at the same time arrive in any order.
            lines += [process.stdout.readline() for _ in range(3)] if each is not sent[-1] else []
        lines += process.stdout.readlines()
    assert sorted(lines[:-1]) == sorted(["\n", "stopping\n", "terraform got SIGINT\n", "terraform stored its state\n"])
    assert lines[-1] == "(1, True)\n"


def test_the_pinned_aws_cli_comes_last_on_path(tmp_path: Path) -> None:
    """The Kubernetes provider runs it to get a token."""
    code, output, _ = process.capture(["sh", "-c", 'printf %s "$PATH"'], folder=tmp_path)
    assert code == 0
    assert output == os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])
    assert (Path(sys.executable).parent / "aws").exists()


def test_files_that_a_program_writes_are_private_to_the_caller(tmp_path: Path) -> None:
    process.run(["sh", "-c", "mkdir folder; touch folder/run"], folder=tmp_path, said="")
    process.capture(["touch", "folder/capture"], folder=tmp_path)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert found == {"folder": 0o700, "run": 0o600, "capture": 0o600}

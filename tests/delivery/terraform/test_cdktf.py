"""What cdktf is started with: by a script that prints it in cdktf's place."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from modules.model.project import ROOT

CDKTF = """#!/bin/sh
echo "arguments: $*"
echo "CI: ${CI:-unset}, environment: ${MOSAIC_ENVIRONMENT:-all}, apply: $TF_CLI_ARGS_apply"
exit 3
"""


@pytest.fixture
def code(tmp_path: Path) -> str:
    """A program that runs the script as cdktf."""
    program = tmp_path / "cdktf"
    program.write_text(CDKTF)
    program.chmod(0o755)
    return (
        "import sys; from pathlib import Path; from delivery.terraform import cdktf;"
        f"cdktf._CDKTF = Path({str(program)!r});"
        "sys.exit(cdktf.run('deploy', ['staging'], auto_approve=True, arguments=['-replace=a.b']))"
    )


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "CI"}


def test_without_a_terminal_cdktf_draws_nothing(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        "arguments: deploy staging --auto-approve",
        "CI: true, environment: staging, apply: -lock-timeout=20s -replace=a.b",
    ]


def test_on_a_terminal_cdktf_draws_as_it_likes(code: str) -> None:
    controller, terminal = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment(), stdout=terminal) as process:
        os.close(terminal)
        shown = os.read(controller, 4096)
        process.wait()
        while b"CI: " not in shown:
            shown += os.read(controller, 4096)
    os.close(controller)
    assert b"CI: unset" in shown

"""How cdktf is started, checked with a script that replaces it and prints its arguments."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from modules.model.project import ROOT

CDKTF = """#!/bin/sh
echo "arguments: $*"
echo "CI: ${CI:-unset}, environment: $MOSAIC_ENVIRONMENT, role: $TF_VAR_role, apply: $TF_CLI_ARGS_apply"
exit 3
"""


@pytest.fixture
def code(tmp_path: Path) -> str:
    """Return Python code that runs the script as cdktf."""
    program = tmp_path / "cdktf"
    program.write_text(CDKTF)
    program.chmod(0o755)
    return (
        "import sys; from pathlib import Path; from delivery.terraform import cdktf;"
        f"cdktf._CDKTF = Path({str(program)!r});"
        "sys.exit(cdktf.run(sys.argv[1], 'staging', auto_approve=sys.argv[1] != 'plan'))"
    )


def environment() -> dict[str, str]:
    """A caller's shell in which somebody planned by hand before."""
    return {name: value for name, value in os.environ.items() if name != "CI"} | {"TF_VAR_role": "leftover"}


@pytest.mark.parametrize(
    ("action", "approval", "role"),
    [("plan", "", "plan"), ("deploy", " --auto-approve", "deploy"), ("destroy", " --auto-approve", "deploy")],
)
def test_without_a_terminal_cdktf_draws_nothing_and_uses_the_actions_role(
    code: str, action: str, approval: str, role: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code, action], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        f"arguments: {action} staging{approval}",
        f"CI: true, environment: staging, role: {role}, apply: -lock-timeout=20s",
    ]


def test_bootstrap_waits_for_all_of_its_buckets_at_once(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code.replace("'staging'", "'bootstrap'"), "deploy"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "apply: -lock-timeout=20s -parallelism=30\n" in done.stdout


def test_on_a_terminal_cdktf_may_draw(code: str) -> None:
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code, "deploy"], cwd=ROOT, env=environment(), stdout=terminal
    ) as process:
        os.close(terminal)
        shown = os.read(controller, 4096)
        process.wait()
        while b"CI: " not in shown:
            shown += os.read(controller, 4096)
    os.close(controller)
    assert b"CI: unset" in shown

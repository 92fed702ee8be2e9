"""The check for required tools, which runs before anything is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from modules.model.project import ROOT

TOOLS = {
    "python3.11": "Python 3.11.7",
    "node": "v20.20.2",
    "npm": "11.19.1",
    "terraform": "Terraform v1.11.4\non linux_amd64",
    "go": "go version go1.26.8 linux/amd64",
    "make": "GNU Make 4.3",
}


def check(folder: Path, tools: dict[str, str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the check on a machine with these tools, each with its version output."""
    for name in ("sh", "grep", "sort", "head"):
        (folder / name).symlink_to(str(shutil.which(name)))
    for name, printed in tools.items():
        (folder / name).write_text(f"#!/bin/sh\nprintf '%s\\n' '{printed}'\n")
        (folder / name).chmod(0o755)
    return subprocess.run(
        [ROOT / "tools" / "check-tools"],
        env={"PATH": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_machine_with_all_tools_passes_silently(tmp_path: Path) -> None:
    done = check(tmp_path, TOOLS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_opentofu_can_replace_terraform(tmp_path: Path) -> None:
    tools = {name: printed for name, printed in TOOLS.items() if name != "terraform"}
    done = check(tmp_path, tools | {"tofu": "OpenTofu v1.12.6\non linux_amd64"}, TERRAFORM_BINARY_NAME="tofu")
    assert (done.returncode, done.stderr) == (0, "")


def test_all_missing_or_old_tools_are_reported_at_once(tmp_path: Path) -> None:
    done = check(tmp_path, {**TOOLS, "terraform": "Terraform v1.9.8", "node": "v18.19.0"} | {"go": ""})
    assert done.returncode == 1
    for line in (
        "Terraform 1.11 or newer: found 1.9.8.",
        "Node.js 20 or newer: found 18.19.0.",
        "found none. https://go",
    ):
        assert line in done.stderr
    assert "Python" not in done.stderr


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_each_missing_tool_is_reported_with_install_instructions(tmp_path: Path, tool: str) -> None:
    done = check(tmp_path, {name: printed for name, printed in TOOLS.items() if name != tool})
    assert done.returncode == 1
    assert done.stderr.count("or newer: found none.") == 1

"""If PATH lacks a client, it comes from a Python package."""

import subprocess
from pathlib import Path

import pytest

from local.clients.tools import write_client_tools
from local.postgresql.installation import find_installation


def test_clients_work_on_a_machine_without_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_state: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    postgres = find_installation(empty_state)
    tools = empty_state / "bin"
    write_client_tools(tools, postgres, empty_state / "no-socket")
    write_client_tools(tools, postgres, empty_state / "no-socket")
    assert postgres.version in output(tools / "psql", "--version")
    assert "aws-cli" in output(tools / "aws", "--version")
    assert "v1." in output(tools / "kubectl", "version", "--client")


def test_the_machines_own_kubectl_stays_in_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_state: Path
) -> None:
    own = tmp_path / "kubectl"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    write_client_tools(empty_state / "bin", find_installation(empty_state), empty_state / "no-socket")
    assert not (empty_state / "bin" / "kubectl").exists()


def output(program: Path, *arguments: str) -> str:
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout

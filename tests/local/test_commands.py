"""up, down, status and env, as a developer uses them."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local import commands as local_cloud
from local.build.programs import ensure_built
from local.runtime.errors import LocalCloudError
from local.runtime.paths import CACHE_VARIABLE
from local.runtime.ports import AWS
from local.runtime.state_lock import locked
from local.state import LATE, PARTS, Cloud
from modules.model.project import ROOT
from tests.cloud import kill

COMMAND = [sys.executable, "-m", "local"]


def conditions() -> dict[str, str]:
    return {part.name: part.condition for part in local_cloud.status()}


def test_every_part_is_ready(cloud: Cloud) -> None:
    parts = local_cloud.status()
    assert [part.name for part in parts] == list(PARTS)
    assert {part.name: (part.condition, part.reason) for part in parts} == dict.fromkeys(PARTS, ("ready", ""))
    assert all(part.version and part.address for part in parts)
    # Only that it is shown: the amount depends on what ran before; `make bench` measures it.
    assert all(part.memory for part in parts)


def test_a_second_up_changes_nothing(cloud: Cloud) -> None:
    before = {part.name: part.pid for part in local_cloud.status()}
    lines: list[str] = []
    again = local_cloud.up(lines.append)
    assert {part.name: part.pid for part in local_cloud.status()} == before
    assert again.ports == cloud.ports
    assert not [line for line in lines if "ready after" in line]
    assert [line for line in lines if "it was already up" in line]


def test_a_dead_part_is_named_with_its_log_and_started_again(cloud: Cloud) -> None:
    name = "kube-scheduler"
    kill(cloud.processes, name)

    (dead,) = (part for part in local_cloud.status() if part.name == name)
    last_line = cloud.processes.log(name).read_text().splitlines()[-1]
    assert dead.condition == "died"
    assert last_line in dead.reason

    lines: list[str] = []
    local_cloud.up(lines.append)
    assert any(line.startswith(f"{name} had died") and last_line in line for line in lines)
    assert conditions() == dict.fromkeys(PARTS, "ready")


def test_a_command_waits_for_the_running_one(cloud: Cloud) -> None:
    with locked(cloud.state, print):
        waiting = subprocess.Popen([*COMMAND, "up"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert waiting.stdout is not None
        line = waiting.stdout.readline()
        assert str(os.getpid()) in line
        assert "waiting" in line
    output, _ = waiting.communicate()
    assert waiting.returncode == 0
    assert "it was already up" in output


@pytest.mark.usefixtures("cloud")
def test_env_gives_the_clients_everything_they_need() -> None:
    script = """
        set -e
        eval "$("$0" -m local env)"
        aws sts get-caller-identity --query Arn --output text
        aws rds describe-db-instances --query 'DBInstances[0].DBInstanceIdentifier' --output text
        kubectl auth whoami --output json
        psql --tuples-only --no-align --command 'SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
    """
    # Variables left in a shell from work on AWS must not interfere.
    inherited = os.environ | {"AWS_PROFILE": "absent", "AWS_SESSION_TOKEN": "of another account"}
    finished = subprocess.run(
        ["bash", "-c", script, sys.executable], cwd=ROOT, env=inherited, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    arn, instance, *whoami, login = finished.stdout.splitlines()
    assert arn == "arn:aws:iam::033691785857:user/administrator"
    assert instance == "mosaic-prod-db"
    assert "system:masters" in json.loads("\n".join(whoami))["status"]["userInfo"]["groups"]
    assert login == "mosaicadmin|t"


def test_an_interrupted_up_leaves_nothing_half_started(empty_state: Path) -> None:
    running = subprocess.Popen([*COMMAND, "up"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    first = running.stdout.readline()
    assert "ready after" in first
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate()
    assert running.returncode == 130
    assert "`up` continues from there" in output
    assert set(conditions().values()) == {"ready", "stopped"}

    local_cloud.up()
    assert conditions() == dict.fromkeys(PARTS, "ready")
    assert empty_state.exists()


def test_parts_that_are_built_last_start_once_built(empty_state: Path, tmp_path: Path) -> None:
    """On a new machine the first deploy then does not wait for it."""
    built = ensure_built().aws_load_balancer_controller.parent.parent
    late = _cache_without(built, tmp_path)
    with (late / "lock").open("w") as building:
        fcntl.flock(building, fcntl.LOCK_EX)
        environment = os.environ | {CACHE_VARIABLE: str(tmp_path)}
        up = subprocess.run([*COMMAND, "up"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert f"{', '.join(LATE)} will be started once built" in up.stdout
        assert conditions() == dict.fromkeys(PARTS, "ready") | dict.fromkeys(LATE, "stopped")
        for name in LATE:
            (late / name).symlink_to(built / name)
    while set(conditions().values()) != {"ready"}:
        time.sleep(0.2)
    assert empty_state.exists()


def _cache_without(module: Path, folder: Path) -> Path:
    """Create a cache with everything except this module's programs; return the folder for these."""
    for entry in module.parent.parent.iterdir():
        # Not the list of state folders: it is also a lock, and no lock may be a link.
        if entry.is_dir() and entry.name != "programs":
            (folder / entry.name).symlink_to(entry)
    programs = folder / "programs"
    programs.mkdir()
    for entry in module.parent.iterdir():
        if entry != module:
            (programs / entry.name).symlink_to(entry)
    (programs / module.name).mkdir()
    return programs / module.name


def test_a_stopped_cloud_says_so(empty_state: Path) -> None:
    assert set(conditions().values()) == {"stopped"}
    with pytest.raises(LocalCloudError, match="not up: start it"):
        local_cloud.environment()
    lines: list[str] = []
    local_cloud.down(lines.append)
    assert lines == ["no part of the local cloud was running"]
    assert empty_state.exists()


@pytest.mark.usefixtures("empty_state")
def test_a_busy_port_is_named_with_its_holder() -> None:
    port = Cloud.open().ports[AWS]
    with subprocess.Popen([sys.executable, "-c", LISTENER, str(port)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "listening\n"
        with pytest.raises(LocalCloudError, match=rf"port {port} of {AWS} is busy: process {holder.pid} \(python"):
            local_cloud.up()
        holder.kill()
    assert set(conditions().values()) <= {"ready", "stopped"}


LISTENER = """
import socket, sys, time
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    print("listening", flush=True)
    time.sleep(600)
"""


def test_reset_forgets_even_what_up_refuses(empty_state: Path) -> None:
    (empty_state / "certificates").mkdir()
    with pytest.raises(LocalCloudError, match=r"holds no certificate for .*: run `reset`, then `up`"):
        local_cloud.up()
    local_cloud.reset()
    assert [entry.name for entry in empty_state.iterdir()] == ["lock"]


def test_status_of_a_new_state_folder_starts_nothing_there(empty_state: Path) -> None:
    local_cloud.status()
    assert [entry.name for entry in empty_state.iterdir()] == ["processes"]

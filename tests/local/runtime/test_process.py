"""Only processes that were started here are stopped, and none outlives a failed start."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.runtime.certificates import issue
from local.runtime.errors import LocalCloudError
from local.runtime.ports import assigned_ports
from local.runtime.process import Part, Processes
from tests.cloud import kill

SERVER = "import sys, http.server as h; h.test(h.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"


@pytest.fixture
def processes(empty_state: Path) -> Iterator[Processes]:
    found = Processes(state=empty_state, certificates=issue(empty_state), report=lambda _line: None)
    yield found
    found.stop(["kwok"])


def part(state: Path, *program: str) -> Part:
    port = assigned_ports(state, renew_internal=True)["kwok"]
    url = f"http://127.0.0.1:{port}"
    command = (sys.executable, "-c", *program, str(port))
    return Part(name="kwok", version="1", port=port, address=url, health=url, command=command)


def test_a_part_is_started_once_and_stopped(processes: Processes) -> None:
    server = part(processes.state, SERVER)
    assert processes.start(server)
    first = processes.find("kwok")
    assert not processes.start(server)
    assert processes.find("kwok") == first
    assert processes.stop(["kwok"]) == ["kwok"]
    assert processes.find("kwok") is None
    assert processes.stop(["kwok"]) == []


def test_a_part_that_dies_at_its_start_is_named_with_its_log(processes: Processes) -> None:
    with pytest.raises(LocalCloudError, match=r"kwok \(process \d+\) died; the end of .*kwok\.log:\n.*no disk left"):
        processes.start(part(processes.state, "raise SystemExit('no disk left')"))
    assert processes.find("kwok") is None


def test_a_part_that_was_killed_is_started_again_with_the_end_of_its_log(processes: Processes) -> None:
    lines: list[str] = []
    server = part(processes.state, SERVER)
    processes.start(server)
    kill(processes, "kwok")
    assert dataclasses.replace(processes, report=lines.append).start(server)
    assert any(line.startswith("kwok had died; the end of its log:\n") for line in lines)


def test_a_program_that_is_missing_is_named(processes: Processes) -> None:
    missing = dataclasses.replace(part(processes.state, SERVER), command=("/nowhere/kwok",))
    with pytest.raises(LocalCloudError, match=r"kwok cannot be started: .*/nowhere/kwok"):
        processes.start(missing)
    assert processes.find("kwok") is None


def test_a_part_that_is_still_starting_is_stopped_when_the_start_is_abandoned(processes: Processes) -> None:
    processes.cancelled.set()
    with pytest.raises(LocalCloudError, match="was not ready when the start was abandoned"):
        processes.start(part(processes.state, "import time; time.sleep(600)"))
    assert processes.find("kwok") is None


def test_a_process_that_reuses_the_pid_is_not_stopped(processes: Processes) -> None:
    processes.start(part(processes.state, SERVER))
    running = processes.find("kwok")
    assert running is not None
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        recycled = dataclasses.replace(running, pid=stranger.pid)
        record = processes.state / "processes" / "kwok.json"
        record.write_text(json.dumps(dataclasses.asdict(recycled) | {"started": running.started - 60}))
        assert processes.stop(["kwok"]) == []
        assert stranger.poll() is None
        stranger.kill()
    record.write_text(json.dumps(dataclasses.asdict(running)))

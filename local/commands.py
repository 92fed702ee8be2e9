"""The local cloud: ``up``, ``down``, ``reset``, ``status`` and ``environment``, for commands and tests.

Every function works on the current state folder, MOSAIC_LOCAL_STATE or the checkout's own (local/runtime/paths.py).
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from local.build.programs import ensure_built
from local.clients.environment import SYNTHESIZED, variables
from local.runtime.errors import LocalCloudError
from local.runtime.paths import STATE_VARIABLE, state_folder
from local.runtime.ports import AWS
from local.runtime.process import Processes
from local.runtime.state_lock import LOCK, locked
from local.startup import Startup
from local.state import LATE, PARTS, STOP_ORDER, Cloud, processes_here
from local.terraform import provider_installation
from modules.model.project import ROOT

Report = Callable[[str], object]


@dataclass(frozen=True, kw_only=True)
class PartStatus:
    """One line of the status table.

    ``pid`` and ``memory`` (bytes) are None if no process runs; ``condition`` is ``ready``, ``stopped``, ``died`` or
    ``not ready``, and ``reason`` explains the last two.
    """

    name: str
    version: str
    address: str
    pid: int | None
    memory: int | None
    condition: str
    reason: str = ""


def up(report: Report = print, *, whole: bool = True) -> Cloud:
    """Start what is not running, wait until every part is ready, and return the cloud; if all run, only check them.

    whole: also wait for the programs that are built last; otherwise a background process starts the parts whose program
    does not exist yet, like ``finish``.

    Raises:
        LocalCloudError: a part cannot start; the message says why. Parts that were ready by then keep running.

    """
    with locked(state_folder(), report):
        return _up(report, whole=whole)


def finish(report: Report = print) -> None:
    """Build what ``up`` left out, and start it if the local cloud is still up by then.

    Raises:
        LocalCloudError: as from ``up``.

    """
    ensure_built(LATE, report=report)
    with locked(state_folder(), report):
        if _is_up():
            _up(report, whole=True)


def _up(report: Report, *, whole: bool) -> Cloud:
    began = time.monotonic()
    cloud = Cloud.open(report)
    startup = Startup(cloud, report, whole=whole)
    try:
        startup.run()
        providers = provider_installation.install(folder=cloud.state, cloud="local")
        for line in providers.lines:
            report(f"provider {line}")
        for stack in (cloud.state / SYNTHESIZED / "stacks").glob("*"):
            providers.remove_stale_providers(stack)
    except BaseException:
        report(f"not everything is up: {_alive(cloud.processes)} stay up; `up` continues from there, `down` stops them")
        raise
    if startup.left_out:
        _finish_in_background(cloud)
        report(f"{', '.join(startup.left_out)} will be started once built; `finish` waits for that")
    seconds = time.monotonic() - began
    memory = sum(part.memory or 0 for part in status())
    doing = f"started {len(startup.started)} of {len(PARTS)} parts" if startup.started else "it was already up"
    report(f"The local cloud is ready: {doing}, {seconds:.1f} s, {memory / 1e6:.0f} MB in all.")
    return cloud


def _finish_in_background(cloud: Cloud) -> None:
    with cloud.processes.log("finish").open("wb") as output:
        subprocess.Popen(
            [sys.executable, "-m", "local", "finish"],
            cwd=ROOT,
            env=os.environ | {STATE_VARIABLE: str(cloud.state)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # It outlives the caller, and must not receive the caller's Ctrl-C.
            start_new_session=True,
        )


def _is_up() -> bool:
    running = processes_here().find(AWS)
    return running is not None and running.is_alive()


def down(report: Report = print) -> None:
    """Stop every running part; all data stays."""
    with locked(state_folder(), report):
        processes = processes_here(report)
        stopped = [name for group in STOP_ORDER for name in processes.stop(group)]
        report(f"stopped: {', '.join(stopped)}" if stopped else "no part of the local cloud was running")


def reset(report: Report = print) -> None:
    """Stop every running part and delete all data, ports, keys and certificates."""
    with locked(state_folder(), report):
        processes = processes_here(report)
        for group in STOP_ORDER:
            processes.stop(group)
        for entry in processes.state.iterdir():
            # Commands that wait for the lock hold this very file.
            if entry.name == LOCK:
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        report(f"deleted all data in {processes.state}")


def status() -> list[PartStatus]:
    """Return the status of each part, in the order of PARTS. Changes nothing and waits for nothing."""
    processes = processes_here()
    return [_part_status(processes, name) for name in PARTS]


def environment() -> dict[str, str]:
    """Return the environment variables that point terraform, cdktf, aws, kubectl and psql at the local cloud.

    Raises:
        LocalCloudError: the local cloud is not up.

    """
    if not _is_up():
        raise LocalCloudError("the local cloud is not up: start it with `python -m local up`.")
    return variables(Cloud.open())


def _part_status(processes: Processes, name: str) -> PartStatus:
    running = processes.find(name)
    if running is None:
        return PartStatus(name=name, version="", address="", pid=None, memory=None, condition="stopped")
    if not running.is_alive():
        return PartStatus(
            name=name,
            version=running.version,
            address=running.address,
            pid=None,
            memory=None,
            condition="died",
            reason=f"the end of {processes.log(name)}:\n{processes.log_end(name)}",
        )
    problem = processes.problem(running)
    return PartStatus(
        name=name,
        version=running.version,
        address=running.address,
        pid=running.pid,
        memory=running.memory(),
        condition="ready" if problem is None else "not ready",
        reason=problem or "",
    )


def _alive(processes: Processes) -> str:
    names = [name for name in PARTS if (running := processes.find(name)) is not None and running.is_alive()]
    return ", ".join(names) or "no parts"

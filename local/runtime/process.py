"""The processes of the local cloud's parts: started detached, identified and stopped by pid and start time."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from local.runtime.certificates import Certificates
from local.runtime.errors import LocalCloudError
from local.runtime.health import check_health
from local.runtime.ports import require_free
from local.runtime.private_files import private_folder, write_private
from local.runtime.process_user import process_user
from local.runtime.waiting import WaitTimedOutError, wait_until

_READY_SECONDS = 120
_STOP_SECONDS = 20
_POLL_SECONDS = 0.05
_LOG_LINES = 15
# psutil computes start times from the boot time, which the kernel rounds again after every clock correction.
_START_TOLERANCE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """One server of the local cloud.

    ``address``: for its users; ``health``: for health.check_health. ``prepare`` creates what the server needs on disk,
    and runs before every start. ``user``: the operating system's user to run as (None: the caller). ``stop_signal``
    asks for a clean shutdown.
    """

    name: str
    version: str
    port: int
    address: str
    health: str
    command: tuple[str, ...]
    prepare: Callable[[], object] = lambda: None
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass(frozen=True, kw_only=True)
class Running:
    """What is stored about a started part: enough to recognize its process, check its health and stop it."""

    pid: int
    started: float
    name: str
    version: str
    address: str
    health: str
    stop_signal: int

    def is_alive(self) -> bool:
        """Return whether the process still runs: its pid exists, is not a zombie, and has the same start time."""
        try:
            process = psutil.Process(self.pid)
            return (
                process.status() != psutil.STATUS_ZOMBIE
                and abs(process.create_time() - self.started) < _START_TOLERANCE_SECONDS
            )
        except psutil.NoSuchProcess:
            return False

    def memory(self) -> int:
        """Return the bytes that the process and its children hold, counting each shared page once; 0 after it ended."""
        try:
            parent = psutil.Process(self.pid)
            family = [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        total = 0
        for process in family:
            try:
                full = process.memory_full_info()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            # Only Linux splits shared pages among the processes that hold them.
            total += getattr(full, "pss", full.rss)
        return total

    def send(self, number: int) -> None:
        """Send the process a signal, unless it has ended."""
        if self.is_alive():
            try:
                psutil.Process(self.pid).send_signal(number)
            except psutil.NoSuchProcess:
                return


@dataclass(frozen=True, kw_only=True)
class Processes:
    """The processes of one state folder. ``cancelled``, once set, ends every wait for readiness."""

    state: Path
    certificates: Certificates
    report: Callable[[str], object] = print
    cancelled: threading.Event = field(default_factory=threading.Event)

    def start(self, part: Part) -> bool:
        """Start the part unless it already runs, and wait until it is ready. Return whether it was started.

        A part that this call started and that does not become ready is stopped again.

        Raises:
            LocalCloudError: its port is busy, it died, or it was not ready in time; with the end of its log.

        """
        began = time.monotonic()
        running = self.find(part.name)
        if running is not None and running.is_alive():
            self._wait_until_ready(running)
            return False
        if running is not None and running.started > psutil.boot_time():
            self.report(f"{part.name} had died; the end of its log:\n{self.log_end(part.name)}")
        require_free(part.name, part.port)
        part.prepare()
        running = self._spawn(part)
        write_private(self._record(part.name), json.dumps(asdict(running)))
        try:
            self._wait_until_ready(running)
        except BaseException:
            self.stop([part.name])
            raise
        self.report(f"{part.name:24} ready after {time.monotonic() - began:4.1f} s at {part.address}")
        return True

    def stop(self, names: Iterable[str]) -> list[str]:
        """Stop these parts at the same time, wait until they end, and return the names of those that ran.

        Raises:
            LocalCloudError: a process survived even a kill.

        """
        known = [running for name in names if (running := self.find(name)) is not None]
        # A process that ended, or another one that got its pid since, is not ours.
        stopping = [running for running in known if running.is_alive()]
        for running in stopping:
            running.send(running.stop_signal)
        for running in _wait_for_ends(stopping):
            running.send(signal.SIGKILL)
        stuck = _wait_for_ends(stopping)
        if stuck:
            raise LocalCloudError(f"not stopped: {', '.join(f'{it.name} (process {it.pid})' for it in stuck)}.")
        for running in known:
            self._record(running.name).unlink(missing_ok=True)
        return [running.name for running in stopping]

    def find(self, name: str) -> Running | None:
        """Return the stored record of the part (which may have died since); None if it was not started, or stopped."""
        record = self._record(name)
        return Running(**json.loads(record.read_text(encoding="utf-8"))) if record.exists() else None

    def log(self, name: str) -> Path:
        """Return the file with everything that the part has printed since its last start."""
        return private_folder(self.state / "logs") / f"{name}.log"

    def log_end(self, name: str, lines: int = _LOG_LINES) -> str:
        """Return the last lines of the part's log, indented."""
        text = self.log(name).read_text(encoding="utf-8", errors="replace") if self.log(name).exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:]) or "    (its log is empty)"

    def problem(self, running: Running) -> str | None:
        """Return why the part is not ready; None if it is.

        Raises:
            LocalCloudError: it died; with the end of its log.

        """
        if not running.is_alive():
            raise LocalCloudError(
                f"{running.name} (process {running.pid}) died; the end of {self.log(running.name)}:\n"
                f"{self.log_end(running.name)}"
            )
        try:
            check_health(running.health, self.certificates)
        except Exception as error:  # noqa: BLE001 whatever a server that is not ready makes its client raise
            return str(error) or repr(error)
        return None

    def _wait_until_ready(self, running: Running) -> None:
        try:
            wait_until(
                lambda: self.problem(running),
                what=f"{running.name} (process {running.pid}) was not ready",
                seconds=_READY_SECONDS,
                cancelled=self.cancelled,
            )
        except WaitTimedOutError as error:
            raise LocalCloudError(f"{error}\nThe end of its log:\n{self.log_end(running.name)}") from error

    def _spawn(self, part: Part) -> Running:
        log = self.log(part.name)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        write_private(log, "")
        with log.open("ab") as output:
            try:
                process = subprocess.Popen(
                    part.command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # Not the caller's folder: it may be deleted, and another user may not be able to enter it.
                    cwd="/",
                    env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", **part.environment},
                    **process_user(part.user),
                    umask=0o077,
                    # It outlives the caller, and must not receive Ctrl-C from the caller's terminal.
                    start_new_session=True,
                )
            except OSError as error:
                raise LocalCloudError(f"{part.name} cannot be started: {error}") from error
        # subprocess warns about every process that outlives its Popen object, as this one is meant to do.
        process.returncode = 0
        return Running(
            pid=process.pid,
            started=psutil.Process(process.pid).create_time(),
            name=part.name,
            version=part.version,
            address=part.address,
            health=part.health,
            stop_signal=part.stop_signal,
        )

    def _record(self, name: str) -> Path:
        return private_folder(self.state / "processes") / f"{name}.json"


def _wait_for_ends(stopping: list[Running]) -> list[Running]:
    """Return those that still run after the time for a clean shutdown."""
    give_up = time.monotonic() + _STOP_SECONDS
    while (left := [running for running in stopping if running.is_alive()]) and time.monotonic() < give_up:
        time.sleep(_POLL_SECONDS)
    return left

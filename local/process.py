"""The processes of the local cloud's parts: started detached, known by pid and start time, stopped by these alone."""

import json
import os
import pwd
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from local.errors import LocalCloudError
from local.ports import require_free
from local.private_files import private_folder, write_private

_READY_SECONDS = 120
_STOP_SECONDS = 20
_POLL_SECONDS = 0.05
_LOG_LINES = 15
# psutil counts start times from the boot time, which the kernel rounds anew with every correction of the clock.
_START_TOLERANCE_SECONDS = 2.0

# subprocess warns of every process that outlives its Popen object, which is what these are for.
_detached: list["subprocess.Popen[bytes]"] = []


@dataclass(frozen=True, kw_only=True)
class Part:
    """One server of the local cloud.

    ``prepare`` makes what the server needs on disk; it is called each time before it is started. ``probe`` returns when
    the server is ready for its clients and raises any exception while it is not; it must answer within seconds.
    ``user`` is the operating system's user to run as (None: the caller). ``stop_signal`` asks for an orderly end.
    """

    name: str
    version: str
    port: int
    address: str
    command: tuple[str, ...]
    probe: Callable[[], object]
    prepare: Callable[[], object] = lambda: None
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass(frozen=True, kw_only=True)
class Running:
    """What is remembered of a started part: enough to know its process again and to stop it."""

    pid: int
    started: float
    name: str
    version: str
    address: str
    stop_signal: int


@dataclass(frozen=True, kw_only=True)
class Processes:
    """The part processes of one state folder. ``cancelled``, once set, ends every wait for readiness."""

    state: Path
    cancelled: threading.Event = field(default_factory=threading.Event)

    def start(self, part: Part) -> bool:
        """Start the part unless it runs already, and wait until it is ready. Say whether it was started.

        A part that this call started and that does not become ready is stopped again.

        Raises:
            LocalCloudError: its port is busy, it died, or it was not ready in time; with the end of its log.

        """
        running = self.find(part.name)
        if running is not None and is_alive(running):
            self._wait_until_ready(part, running, None)
            return False
        require_free(part.name, part.port)
        part.prepare()
        process = self._spawn(part)
        running = Running(
            pid=process.pid,
            started=psutil.Process(process.pid).create_time(),
            name=part.name,
            version=part.version,
            address=part.address,
            stop_signal=part.stop_signal,
        )
        write_private(self._record(part.name), json.dumps(asdict(running)))
        try:
            self._wait_until_ready(part, running, process)
        except BaseException:
            self.stop([part.name])
            raise
        return True

    def stop(self, names: Iterable[str]) -> list[str]:
        """Stop these parts at the same time, wait for their ends, and return the names of those that ran.

        Raises:
            LocalCloudError: a process did not end even when it was killed.

        """
        known = [running for name in names if (running := self.find(name)) is not None]
        # A process that ended, or another one that was given its pid since, is none of ours.
        stopping = [running for running in known if is_alive(running)]
        for running in stopping:
            _signal(running, running.stop_signal)
        for running in _wait_for_ends(stopping):
            _signal(running, signal.SIGKILL)
        stuck = _wait_for_ends(stopping)
        if stuck:
            raise LocalCloudError(f"not stopped: {', '.join(f'{it.name} (process {it.pid})' for it in stuck)}.")
        for running in known:
            self._record(running.name).unlink(missing_ok=True)
        return [running.name for running in stopping]

    def find(self, name: str) -> Running | None:
        """Return what is remembered of the part (it may have died since), None when it was never started."""
        record = self._record(name)
        if not record.exists():
            return None
        return Running(**json.loads(record.read_text()))

    def log(self, name: str) -> Path:
        """Return the file that holds all that the part has printed since its last start."""
        return private_folder(self.state / "logs") / f"{name}.log"

    def log_end(self, name: str, lines: int = _LOG_LINES) -> str:
        """Return the last lines of the part's log, indented."""
        text = self.log(name).read_text(errors="replace") if self.log(name).exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:]) or "    (its log is empty)"

    def _spawn(self, part: Part) -> "subprocess.Popen[bytes]":
        log = self.log(part.name)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        identity = None if part.user is None else pwd.getpwnam(part.user)
        with log.open("wb") as output:
            try:
                process = subprocess.Popen(
                    part.command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # Not the caller's: it may be removed, and another user may not be able to enter it.
                    cwd="/",
                    env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", **part.environment},
                    user=identity and identity.pw_uid,
                    group=identity and identity.pw_gid,
                    extra_groups=[] if identity else None,
                    # Outlives the caller, and Ctrl-C in the caller's terminal is not meant for it.
                    start_new_session=True,
                )
            except OSError as error:
                raise LocalCloudError(f"{part.name} cannot be started: {error}") from error
        _detached.append(process)
        return process

    def _wait_until_ready(self, part: Part, running: Running, process: "subprocess.Popen[bytes] | None") -> None:
        give_up = time.monotonic() + _READY_SECONDS
        while True:
            if self.cancelled.is_set():
                raise LocalCloudError(f"{part.name} was not ready yet and is stopped.")
            if process is not None and process.poll() is not None:
                raise LocalCloudError(
                    f"{part.name} died with exit code {process.returncode}; the end of {self.log(part.name)}:\n"
                    f"{self.log_end(part.name)}"
                )
            if process is None and not is_alive(running):
                raise LocalCloudError(f"{part.name} died; the end of its log:\n{self.log_end(part.name)}")
            try:
                part.probe()
            except Exception as error:  # noqa: BLE001 whatever a server that is not ready makes its client raise
                reason = error
            else:
                return
            if time.monotonic() > give_up:
                raise LocalCloudError(
                    f"{part.name} (process {running.pid}) was not ready within {_READY_SECONDS} s ({reason}); "
                    f"the end of {self.log(part.name)}:\n{self.log_end(part.name)}"
                )
            time.sleep(_POLL_SECONDS)

    def _record(self, name: str) -> Path:
        return private_folder(self.state / "processes") / f"{name}.json"


def is_alive(running: Running) -> bool:
    """Say whether the remembered process still runs: its pid exists, is no zombie, and started at the same time."""
    try:
        process = psutil.Process(running.pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and abs(process.create_time() - running.started) < _START_TOLERANCE_SECONDS
        )
    except psutil.NoSuchProcess:
        return False


def memory(running: Running) -> int:
    """Return the bytes of memory that the part's processes hold, each shared page counted once; 0 when it has ended."""
    try:
        parent = psutil.Process(running.pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for process in family:
        try:
            full = process.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        # Linux alone splits the shared pages among their holders.
        total += getattr(full, "pss", full.rss)
    return total


def _signal(running: Running, number: int) -> None:
    try:
        psutil.Process(running.pid).send_signal(number)
    except psutil.NoSuchProcess:
        return


def _wait_for_ends(stopping: list[Running]) -> list[Running]:
    """Return those that still run after the time given for an orderly end."""
    give_up = time.monotonic() + _STOP_SECONDS
    while (left := [running for running in stopping if is_alive(running)]) and time.monotonic() < give_up:
        time.sleep(_POLL_SECONDS)
    return left

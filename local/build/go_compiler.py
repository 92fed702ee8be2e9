"""Compiles the programs of a Go module from verified sources, fast, and reports progress."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from local.build.go_module import GoModule, GoProgram
from local.runtime.errors import LocalCloudError

Report = Callable[[str], object]

# docs/local-engines.md has the measurements: dropping debug information, and inlining outside the standard library,
# halves the compiler's work, and the servers start as fast.
_FLAGS = ("-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false -l", "-gcflags=std=-dwarf=false")
_LINKER_FLAGS = "-s -w"
_ENVIRONMENT = {
    "CGO_ENABLED": "0",
    "GOFLAGS": "-mod=readonly",
    "GOWORK": "off",
    # The compiler runs briefly: up to this limit, keeping its garbage is cheaper than collecting it.
    "GOGC": "off",
    "GOMEMLIMIT": "2GiB",
}
# Everything above that changes the programs.
RECIPE = (*_FLAGS, _LINKER_FLAGS, *(f"{name}={value}" for name, value in _ENVIRONMENT.items()))
# The caller's settings that would build different programs, or for another machine.
_REMOVED_VARIABLES = ("GOOS", "GOARCH", "GOEXPERIMENT", "GO111MODULE")

_PROCESSOR_SECONDS_PER_PACKAGE = 0.15
_PROCESSOR_SECONDS_PER_LINK = 8
# During compilation a compiled package exists twice: in Go's build cache and in its temporary folder.
_BYTES_PER_PACKAGE = 900_000
_BYTES_PER_PROGRAM = 100_000_000

_HEARTBEAT_SECONDS = 15
_OUTPUT_LINES = 25
_DOWNLOADING = "go: downloading "


def compile_programs(module: GoModule, programs: Sequence[GoProgram], target: Path, report: Report) -> None:
    """Compile programs of a module, each into its own folder: ``target``/NAME/NAME and ``target``/NAME/files/.

    ``target`` must exist; it is also used for temporary files.

    Raises:
        LocalCloudError: Go is missing or too old, modules cannot be downloaded, the disk is too full or the compiler
            failed. The message ends with what to do.

    """
    _Compilation(module, programs, target, report).run()


class _Compilation:
    def __init__(self, module: GoModule, programs: Sequence[GoProgram], target: Path, report: Report) -> None:
        self._module = module
        self._programs = programs
        self._names = ", ".join(program.name for program in programs)
        self._packages = [program.package for program in programs]
        self._target = target
        self._report = report
        kept = {name: value for name, value in os.environ.items() if name not in _REMOVED_VARIABLES}
        # On the target's file system, since /tmp may be small and a rename across file systems is a copy.
        self._environment = kept | _ENVIRONMENT | {"GOTMPDIR": str(target)}

    def run(self) -> None:
        build_cache = self._check_toolchain()
        flags = [*_FLAGS, f"-ldflags={_LINKER_FLAGS} {self._module.linker_flags}".rstrip()]
        if self._module.trimmed:
            flags.append(f"-modfile={self._go_mod_with_copies()}")
        to_compile = self._list_packages(flags)
        self._check_space(build_cache, len(to_compile))
        self._build(flags, to_compile)
        for program in self._programs:
            self._collect(program)

    def _check_toolchain(self) -> Path:
        """Check Go's version, and return the folder of its build cache."""
        oldest = self._module.oldest_go
        needs = f"{self._names} cannot be compiled: Go {oldest} or newer is needed ({self._module.folder / 'go.mod'})"
        remedy = (
            "Get it from https://go.dev/dl or from your system's packages, and put its bin folder on PATH. (From 1.21 "
            "on, go fetches the release that go.mod names by itself, unless GOTOOLCHAIN=local.)"
        )
        found = shutil.which("go")
        if found is None:
            raise LocalCloudError(f"{needs}, and there is no go on PATH. {remedy}")
        # In the module's folder, an old go downloads the release it needs, unless GOTOOLCHAIN forbids that.
        settings = subprocess.run(
            [found, "env", "GOVERSION", "GOCACHE"],
            cwd=self._module.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )
        if settings.returncode != 0:
            raise LocalCloudError(f"{needs}. {found} says: {settings.stderr.strip()}\n{remedy}")
        version, build_cache = settings.stdout.splitlines()
        if _release(version) < _release(oldest):
            raise LocalCloudError(f"{needs}; {found} is {version}. {remedy}")
        return Path(build_cache)

    def _go_mod_with_copies(self) -> Path:
        """Return a go.mod that replaces the trimmed modules with copies made here."""
        go_mod = self._target / "go.mod"
        shutil.copyfile(self._module.folder / "go.mod", go_mod)
        shutil.copyfile(self._module.folder / "go.sum", self._target / "go.sum")
        for trimmed in self._module.trimmed:
            copy = self._target / "source" / trimmed.module.replace("/", "-")
            trimmed.copy(self._download(trimmed.module), copy)
            self._go(["mod", "edit", f"-replace={trimmed.module}={copy}", str(go_mod)], f"replace {trimmed.module}")
        return go_mod

    def _download(self, required: str) -> Path:
        """Return a required module's folder in Go's module cache, downloaded and verified with go.sum."""
        self._go(["mod", "download", required], f"download {required}")
        return Path(self._go(["list", "-m", "-f", "{{.Dir}}", required], f"find {required}").strip())

    def _list_packages(self, flags: Sequence[str]) -> set[str]:
        """Download every required module; return the packages that are not in Go's build cache."""
        template = "{{if .Stale}}{{.ImportPath}}{{end}}"
        output = self._go(
            ["list", "-deps", *flags, "-f", template, *self._packages],
            f"download the modules of {self._names}",
            lambda line: line.startswith(_DOWNLOADING),
            lambda done, elapsed: f"{self._module.name}: {done} modules downloaded, {elapsed}",
        )
        return set(output.split())

    def _check_space(self, build_cache: Path, packages: int) -> None:
        needs = {
            build_cache: packages * _BYTES_PER_PACKAGE,
            self._target: packages * _BYTES_PER_PACKAGE + len(self._programs) * _BYTES_PER_PROGRAM,
        }
        by_device: dict[int, list[Path]] = {}
        for folder in needs:
            folder.mkdir(parents=True, exist_ok=True)
            by_device.setdefault(folder.stat().st_dev, []).append(folder)
        for folders in by_device.values():
            free, needed = shutil.disk_usage(folders[0]).free, sum(needs[folder] for folder in folders)
            if free < needed:
                raise LocalCloudError(
                    f"{self._names} cannot be compiled: {_gigabytes(needed)} of disk are needed in "
                    f"{' and '.join(map(str, folders))}, but {_gigabytes(free)} are free. Free some, or move the "
                    "folders: GOCACHE names Go's build cache, MOSAIC_CACHE the folder of the built programs."
                )

    def _build(self, flags: Sequence[str], to_compile: Collection[str]) -> None:
        cores = os.cpu_count() or 1
        seconds = len(to_compile) * _PROCESSOR_SECONDS_PER_PACKAGE + len(self._programs) * _PROCESSOR_SECONDS_PER_LINK
        self._report(
            f"{self._module.name}: compiling {self._names}: {len(to_compile)} packages, "
            f"about {seconds / cores / 60:.1f} minutes if all {cores} cores are free"
        )
        started = time.time()
        output = self._target / "output"
        output.mkdir()
        self._go(
            ["build", "-v", *flags, "-o", f"{output}/", *self._packages],
            f"compile {self._names}",
            to_compile.__contains__,
            lambda done, elapsed: f"{self._module.name}: {done} of {len(to_compile)} packages compiled, {elapsed}",
        )
        for program in self._programs:
            file = output / _file_name(program.package)
            self._report(f"{program.name}: built after {_clock(file.stat().st_mtime - started)}")

    def _collect(self, program: GoProgram) -> None:
        folder = self._target / program.name
        folder.mkdir()
        (self._target / "output" / _file_name(program.package)).rename(folder / program.name)
        if not program.files or program.module is None:
            return
        source = self._download(program.module)
        (folder / "files").mkdir()
        for pattern in program.files:
            matches = list(source.glob(pattern))
            if not matches:
                raise LocalCloudError(
                    f"{program.name}: {program.module} has no file {pattern} (looked in {source}). "
                    "Adapt the pattern in local/build/programs.py to this version."
                )
            for match in matches:
                shutil.copyfile(match, folder / "files" / match.name)

    def _go(
        self,
        arguments: Sequence[str],
        purpose: str,
        counts: Callable[[str], bool] = lambda _line: False,
        progress: Callable[[int, str], str] | None = None,
    ) -> str:
        """Run the go command; return its standard output.

        ``counts`` recognizes the lines of its standard error that mark a finished step; ``progress`` formats their
        number and the elapsed time for the report. The other lines become the message if the command fails.
        """
        done, messages = 0, list[str]()

        def read(lines: Sequence[str]) -> None:
            nonlocal done
            for line in lines:
                if counts(line.rstrip("\n")):
                    done += 1
                elif not line.startswith(_DOWNLOADING):
                    messages.append(line)

        started = time.monotonic()
        with (
            tempfile.TemporaryFile("w+", dir=self._target, encoding="utf-8") as output,
            subprocess.Popen(
                ["go", *arguments],
                cwd=self._module.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                encoding="utf-8",
            ) as process,
        ):
            reader = threading.Thread(target=read, args=(process.stderr,))
            reader.start()
            try:
                while _runs_on(process, _HEARTBEAT_SECONDS):
                    elapsed = _clock(time.monotonic() - started)
                    self._report(progress(done, elapsed) if progress else f"{self._module.name}: {purpose}, {elapsed}")
            except BaseException:
                # go stops its compilers and removes its temporary files.
                process.send_signal(signal.SIGINT)
                raise
            finally:
                reader.join()
            if process.returncode != 0:
                text = "".join(messages[-_OUTPUT_LINES:]).strip()
                raise LocalCloudError(
                    f"Could not {purpose} ({self._module.folder}): go {arguments[0]} ended with {process.returncode}:\n"
                    f"{text}\n{_remedy(text)}"
                )
            output.seek(0)
            return output.read()


def _runs_on(process: "subprocess.Popen[str]", seconds: float) -> bool:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


def _remedy(text: str) -> str:
    if "no space left on device" in text:
        return "The disk is full. Free some space and run it again: what was compiled so far is kept."
    if re.search(r"dial tcp|no such host|timeout|connection re|proxyconnect|TLS|GOPROXY", text):
        return (
            "The sources come from the Go module proxy. Check that it is reachable (`go env GOPROXY`) and run it "
            "again: what was downloaded so far is kept."
        )
    if "checksum mismatch" in text or "missing go.sum entry" in text:
        return "go.sum does not have these sources. Do not trust them until you know why: docs/local-engines.md."
    return "Run `python -m local.build` again when this is fixed: what was compiled so far is kept."


def _file_name(package: str) -> str:
    """Return the name that go gives to a program: the last element of the package that is not a major version."""
    return next(part for part in reversed(package.split("/")) if not re.fullmatch(r"v\d+", part))


def _release(version: str) -> tuple[int, ...]:
    """Return ``go1.26.8`` or ``1.26rc1`` as comparable numbers."""
    numbers = re.match(r"(?:go)?([\d.]+)", version)
    return tuple(int(part) for part in numbers[1].strip(".").split(".")) if numbers else ()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"

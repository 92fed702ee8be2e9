"""Builds the local cloud's Go programs, once, into the cache outside the checkout: ``python -m local.build [NAME...]``.

docs/local-engines.md says what is built from what, how long it takes and why.
"""

import argparse
import fcntl
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

from local.build.go_compiler import RECIPE, Report, compile_programs
from local.build.go_module import GoModule, GoProgram
from local.build.trimmed_controllers import (
    EXTERNAL_DNS_SOURCE,
    EXTERNAL_SECRETS_SOURCE,
    LOAD_BALANCER_CONTROLLER_SOURCE,
)
from local.runtime.errors import LocalCloudError
from local.runtime.paths import cache_folder
from local.runtime.private_files import open_lock
from modules.model.project import ROOT

_KUBERNETES = "k8s.io/kubernetes"
_ETCD = "go.etcd.io/etcd/server/v3"
_KWOK = "sigs.k8s.io/kwok"

_WAITING_SECONDS = 15
_POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Programs:
    """The paths of the programs and of the files that they need.

    Programs that ``ensure_built`` was not asked for may not exist yet; their paths are still right, but their files are
    missing. ``versions`` has each program that is not the project's own, by name: ``v1.36.3``. ``built`` has the names
    of those that exist.
    """

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path
    kube_scheduler: Path
    kwok: Path
    external_secrets: Path
    aws_load_balancer_controller: Path
    external_dns: Path
    terraform_provider_kubernetes: Path
    terraform_provider_postgresql: Path
    crd_folder: Path
    kwok_stages: tuple[Path, ...]
    versions: Mapping[str, str]
    built: frozenset[str]


def modules() -> tuple[GoModule, ...]:
    """Return the modules in the order in which a start of the local cloud needs their programs."""
    engines = GoModule(
        folder=ROOT / "local" / "engines",
        programs=(
            GoProgram(name="etcd", package=_ETCD, module=_ETCD),
            *(
                GoProgram(name=name, package=f"{_KUBERNETES}/cmd/{name}", module=_KUBERNETES)
                for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
            ),
            GoProgram(
                name="kwok",
                package=f"{_KWOK}/cmd/kwok",
                module=_KWOK,
                files=(
                    "kustomize/stage/node/fast/node-*.yaml",
                    "kustomize/stage/node/heartbeat-with-lease/node-*.yaml",
                    "kustomize/stage/pod/fast/pod-*.yaml",
                ),
            ),
        ),
    )
    controllers = ROOT / "local" / "controllers"
    operator = GoModule(
        folder=controllers,
        programs=(
            GoProgram(
                name="external-secrets",
                package=EXTERNAL_SECRETS_SOURCE.module,
                module=EXTERNAL_SECRETS_SOURCE.module,
                files=("config/crds/bases/*external-secrets.io_*.yaml",),
            ),
        ),
        trimmed=(EXTERNAL_SECRETS_SOURCE,),
    )
    providers = GoModule(
        folder=ROOT / "local" / "providers",
        programs=tuple(
            GoProgram(name=name, package=f"./cmd/{name}")
            for name in ("terraform-provider-kubernetes", "terraform-provider-postgresql")
        ),
    )
    # From the operator's module, but built after everything that a deploy needs.
    late = GoModule(
        folder=controllers,
        programs=(
            GoProgram(
                name="aws-load-balancer-controller",
                package=LOAD_BALANCER_CONTROLLER_SOURCE.module,
                module=LOAD_BALANCER_CONTROLLER_SOURCE.module,
                files=(
                    "config/crd/bases/elbv2.k8s.aws_*.yaml",
                    "config/rbac/role.yaml",
                    "docs/install/iam_policy.json",
                ),
            ),
            GoProgram(name="external-dns", package=EXTERNAL_DNS_SOURCE.module, module=EXTERNAL_DNS_SOURCE.module),
        ),
        trimmed=(LOAD_BALANCER_CONTROLLER_SOURCE, EXTERNAL_DNS_SOURCE),
    )
    stamped = replace(engines, linker_flags=_kubernetes_version_flags(engines.version(_KUBERNETES)))
    return stamped, operator, providers, late


def _kubernetes_version_flags(version: str) -> str:
    """Return the linker flags without which the servers report version v0.0.0."""
    major, minor, _ = version.removeprefix("v").split(".", 2)
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(f"-X {package}.{name}={value}" for package in packages for name, value in values.items())


def ensure_built(names: Sequence[str] | None = None, report: Report | None = None) -> Programs:
    """Build the programs that are not in the cache yet, and return the paths of all.

    Args:
        names: of programs, such as ``kube-apiserver`` (``python -m local.build --help`` lists them); None: all.
        report: receives each line of progress, at least one every 15 seconds; None: they are printed.

    Raises:
        LocalCloudError: a name is unknown, or a build failed. Programs that were built before are kept.

    """
    all_modules = modules()
    known = [program.name for module in all_modules for program in module.programs]
    wanted = known if names is None else names
    if unknown := [name for name in wanted if name not in known]:
        raise LocalCloudError(f"No program is named {', '.join(unknown)}; allowed: {', '.join(known)}")
    folders: dict[str, Path] = {}
    for module in all_modules:
        folder = cache_folder() / "programs" / f"{module.name}-{module.key(RECIPE)}"
        asked = [program for program in module.programs if program.name in wanted]
        build_missing(module, asked, folder, report or _print_now)
        folders |= {program.name: folder / program.name for program in module.programs}
    return Programs(
        **{name.replace("-", "_"): folder / name for name, folder in folders.items()},
        crd_folder=folders["external-secrets"] / "files",
        kwok_stages=tuple(sorted((folders["kwok"] / "files").glob("*.yaml"))),
        versions={
            program.name: module.version(program.module)
            for module in all_modules
            for program in module.programs
            if program.module is not None
        },
        built=frozenset(name for name, folder in folders.items() if folder.is_dir()),
    )


def build_missing(module: GoModule, programs: Sequence[GoProgram], folder: Path, report: Report) -> None:
    """Build the module's programs that have no folder in ``folder`` yet.

    A program's folder appears by a rename, so an existing one is complete. If several processes build at the same time,
    one does the work and the others wait for it.

    Raises:
        LocalCloudError: see ``compile_programs``.

    """

    def missing() -> list[GoProgram]:
        return [program for program in programs if not (folder / program.name).is_dir()]

    if not missing():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock", f"{module.name}: another process is building", report):
        if not (now_missing := missing()):
            return
        # The build that left these is dead, since this process holds the lock.
        for abandoned in folder.glob("building-*"):
            shutil.rmtree(abandoned)
        with tempfile.TemporaryDirectory(prefix="building-", dir=folder, ignore_cleanup_errors=True) as temporary:
            compile_programs(module, now_missing, Path(temporary), report)
            for program in now_missing:
                (Path(temporary) / program.name).rename(folder / program.name)


@contextmanager
def _alone(lock: Path, otherwise: str, report: Report) -> Iterator[None]:
    with open_lock(lock) as handle:
        next_line = 0.0
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= next_line:
                    report(f"{otherwise}; waiting for it")
                    next_line = time.monotonic() + _WAITING_SECONDS
                time.sleep(_POLL_SECONDS)
            else:
                break
        yield


def _print_now(line: str) -> None:
    print(line, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what is missing and print all paths; return the exit code."""
    names = ", ".join(program.name for module in modules() for program in module.programs)
    parser = argparse.ArgumentParser(prog="python -m local.build", description="Builds the local cloud's programs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {names}")
    asked = parser.parse_args(arguments).names
    try:
        programs = ensure_built(asked or None)
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was compiled so far is kept.", file=sys.stderr)
        return 130
    for field in fields(programs):
        path = getattr(programs, field.name)
        if isinstance(path, Path) and path.exists():
            print(path)
    return 0

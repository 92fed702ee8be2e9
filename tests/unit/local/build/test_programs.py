"""The local cloud's Go programs are built once and completely, or not at all."""

import fcntl
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from local.build.go_module import GoModule
from local.build.programs import build_missing, ensure_built, main, modules
from local.runtime.errors import LocalCloudError
from modules.model.project import ROOT
from tests.unit.local.build.go_sources import leftovers


def test_an_existing_program_needs_no_go(module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_missing(module, module.programs, built, print)
    monkeypatch.setenv("PATH", "")
    lines: list[str] = []
    build_missing(module, module.programs, built, lines.append)
    assert lines == []


def test_the_second_of_two_builds_waits_and_reuses_the_firsts_result(module: GoModule, built: Path) -> None:
    built.mkdir()
    lines: list[str] = []
    waits = threading.Event()

    def report(line: str) -> None:
        lines.append(line)
        waits.set()

    second = threading.Thread(target=build_missing, args=(module, module.programs, built, report))
    with (built / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second.start()
        assert waits.wait(timeout=60)
        (built / "hello").mkdir()
    second.join(timeout=60)
    assert not second.is_alive()
    assert lines == ["small: another process is building; waiting for it"]


def test_a_killed_build_leaves_nothing_and_the_next_one_cleans_up(module: GoModule, built: Path) -> None:
    # The child stops forever once the module's sources are known and before anything is compiled.
    script = f"""
import pathlib, time
from local.build.programs import build_missing
from local.build.go_module import GoModule, GoProgram
program = GoProgram(name="hello", package="./cmd/hello")
module = GoModule(folder=pathlib.Path({str(module.folder)!r}), programs=(program,))
def report(line):
    print(line, flush=True)
    time.sleep(600)
build_missing(module, [program], pathlib.Path({str(built)!r}), report)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith("small: compiling hello")
        child.kill()
    assert [name.startswith("building-") for name in leftovers(built)] == [True]
    build_missing(module, module.programs, built, print)
    assert leftovers(built) == ["hello"]


def test_an_unknown_name_is_refused_with_the_known_names() -> None:
    with pytest.raises(LocalCloudError, match=r"No program is named kubelet; allowed: etcd, kube-apiserver, .*kwok"):
        ensure_built(["etcd", "kubelet"])


def test_the_command_reports_an_error_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kubelet"]) == 1
    assert capsys.readouterr().err.startswith("No program is named kubelet")


def test_every_kubernetes_module_has_the_servers_release() -> None:
    engines, _, providers, _ = modules()
    release = engines.version("k8s.io/kubernetes").replace("v1.", "v0.")
    replaced = re.findall(r"^\t(\S+) => (\S+) (\S+)$", engines.go_mod, re.MULTILINE)
    assert replaced
    assert {(old, new, version) for old, new, version in replaced} == {(old, old, release) for old, _, _ in replaced}
    # The stand-ins are compiled after the servers and reuse these packages from Go's build cache.
    assert providers.version("k8s.io/client-go") == release


def test_the_controllers_and_servers_are_compiled_from_the_same_versions() -> None:
    """Packages of the same version are already in Go's build cache; a different version recompiles all dependents."""
    engines, *_, controllers = modules()
    versions = [_versions(module.go_mod) for module in (engines, controllers)]
    shared = versions[0].keys() & versions[1].keys()
    assert {"k8s.io/client-go", "golang.org/x/net", "github.com/google/gnostic-models"} <= shared
    different = {name for name in shared if versions[0][name] != versions[1][name]}
    # Used only by templates in External Secrets, which needs newer versions.
    assert different == {"dario.cat/mergo", "github.com/spf13/cast"}


def _versions(go_mod: str) -> dict[str, str]:
    required = re.findall(r"^\t(\S+) (v\S+)", go_mod, re.MULTILINE)
    replaced = re.findall(r"^\t(\S+) => \S+ (v\S+)$", go_mod, re.MULTILINE)
    return {**dict(required), **dict(replaced)}


def test_the_build_runs_without_third_party_packages() -> None:
    """Without the module ``site``, Python finds only its standard library and this checkout."""
    subprocess.run([sys.executable, "-S", "-E", "-m", "local.build", "--help"], cwd=ROOT, check=True)

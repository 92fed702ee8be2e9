"""Tiny Go modules, and a module proxy in a folder."""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from local.build.go_module import GoModule, GoProgram
from local.build.trimmed_source import Registration, TrimmedSource
from tests.unit.local.build.go_sources import HELLO, PLUGINS, write


@pytest.fixture
def module(tmp_path: Path) -> GoModule:
    """A module without dependencies, and a program that does not even import fmt."""
    folder = tmp_path / "small"
    write(
        folder,
        {
            "go.mod": "module example.test/small\n\ngo 1.26.0\n",
            "go.sum": "",
            "cmd/hello/main.go": 'package main\n\nvar greeting = "none"\n\nfunc main() { println(greeting) }\n',
        },
    )
    return GoModule(folder=folder, programs=(HELLO,), linker_flags="-X main.greeting=hello")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return tmp_path / "built"


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GoModule:
    """A module whose program comes from a module proxy in a folder; one of its two plug-ins does not compile."""
    proxy, cache, folder = tmp_path / "proxy", tmp_path / "modcache", tmp_path / "operator"
    sources = {
        "go.mod": f"module {PLUGINS}\n\ngo 1.26.0\n",
        "main.go": f'package main\n\nimport _ "{PLUGINS}/plugin/register"\n\nfunc main() {{}}\n',
        "plugin/register/register.go": (
            f'package register\n\nimport (\n\t_ "{PLUGINS}/plugin/good"\n\t_ "{PLUGINS}/plugin/bad"\n)\n'
        ),
        "plugin/good/good.go": 'package good\n\nfunc init() { println("good") }\n',
        "plugin/bad/bad.go": "package bad\n\nthis does not compile\n",
        "crds/bases/one.yaml": "kind: One\n",
        "crds/bases/kustomization.yaml": "kind: Kustomization\n",
    }
    versions = proxy / PLUGINS / "@v"
    write(
        versions,
        {
            "list": "v1.2.3\n",
            "v1.2.3.info": json.dumps({"Version": "v1.2.3", "Time": "2026-01-01T00:00:00Z"}),
            "v1.2.3.mod": sources["go.mod"],
        },
    )
    with zipfile.ZipFile(versions / "v1.2.3.zip", "w") as archive:
        for name, text in sources.items():
            archive.writestr(f"{PLUGINS}@v1.2.3/{name}", text)
    write(
        folder,
        {
            "go.mod": f"""\
                module example.test/operator

                go 1.26.0

                tool {PLUGINS}

                require {PLUGINS} v1.2.3
                """,
            "go.sum": "",
        },
    )
    for name, value in {"GOPROXY": proxy.as_uri(), "GOMODCACHE": str(cache), "GONOSUMDB": "example.test"}.items():
        monkeypatch.setenv(name, value)
    subprocess.run(["go", "mod", "download", PLUGINS], cwd=folder, check=True, env=None)
    program = GoProgram(name="plugins", package=PLUGINS, module=PLUGINS, files=("crds/bases/o*.yaml",))
    trimmed = TrimmedSource(
        module=PLUGINS,
        entries=("main.go", "go.mod", "plugin"),
        registrations=(Registration(file="plugin/register/register.go", keep=("good",)),),
    )
    return GoModule(folder=folder, programs=(program,), trimmed=(trimmed,))

"""The local cloud's Go programs are built once, completely, from the sources that go.sum names, or not at all."""

import fcntl
import json
import re
import subprocess
import sys
import textwrap
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local.build import go_compiler
from local.build import programs as build
from local.build.go_module import GoModule, GoProgram
from local.build.trimmed_source import Registration, SourceCut
from local.runtime.errors import LocalCloudError

PLUGINS = "example.test/plugins"
HELLO = GoProgram(name="hello", package="./cmd/hello")
RECIPE = ("-trimpath",)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))


@pytest.fixture
def module(tmp_path: Path) -> GoModule:
    """A module with nothing to download and a program that does not even need the package fmt."""
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
    """A module whose program comes from a module proxy (a folder); one of its two plug-ins does not compile."""
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
    cut = SourceCut(
        module=PLUGINS,
        entries=("main.go", "go.mod", "plugin"),
        registrations=(Registration(file="plugin/register/register.go", keep=("good",)),),
    )
    return GoModule(folder=folder, programs=(program,), cut=cut)


def run(program: Path) -> str:
    return subprocess.run([program], check=True, capture_output=True, text=True).stderr


def registering(cut: SourceCut, file: str, *keep: str) -> SourceCut:
    return replace(cut, registrations=(Registration(file=file, keep=keep),))


def leftovers(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name != "lock")


def test_a_program_is_built_with_the_modules_linker_flags(module: GoModule, built: Path) -> None:
    build.build_missing(module, module.programs, built, print)
    assert run(built / "hello" / "hello") == "hello\n"
    assert leftovers(built) == ["hello"]


def test_a_program_that_is_there_needs_no_go(module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build.build_missing(module, module.programs, built, print)
    monkeypatch.setenv("PATH", "")
    lines: list[str] = []
    build.build_missing(module, module.programs, built, lines.append)
    assert lines == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("GOFLAGS", "-mod=vendor -race"), ("GOOS", "windows"), ("GOARCH", "wasm"), ("GOWORK", "/nonexistent/go.work")],
)
def test_the_callers_settings_of_go_change_nothing(
    module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    build.build_missing(module, module.programs, built, print)
    assert run(built / "hello" / "hello") == "hello\n"


@pytest.mark.parametrize("file", ["go.mod", "go.sum", "cmd/hello/main.go"])
def test_the_key_follows_every_source(module: GoModule, file: str) -> None:
    before = module.key(RECIPE)
    with (module.folder / file).open("a") as source:
        source.write("\n")
    assert module.key(RECIPE) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda module: replace(module, linker_flags="-X main.greeting=goodbye"),
        lambda module: replace(module, programs=(replace(HELLO, package="./cmd/other"),)),
        lambda module: replace(module, cut=SourceCut(module=PLUGINS, entries=(), registrations=())),
    ],
    ids=["linker flags", "package", "cut"],
)
def test_the_key_follows_what_is_built(module: GoModule, change: Callable[[GoModule], GoModule]) -> None:
    assert change(module).key(RECIPE) != module.key(RECIPE)


def test_the_key_follows_the_compilers_flags(module: GoModule) -> None:
    assert module.key((*RECIPE, "-race")) != module.key(RECIPE)


def test_the_key_ignores_what_no_program_is_made_of(module: GoModule) -> None:
    before = module.key(RECIPE)
    write(module.folder, {"README.md": "words", "cmd/hello/main_test.go": "package main\n"})
    assert module.key(RECIPE) == before


def test_a_program_that_does_not_compile_is_named_with_the_compilers_words(module: GoModule, built: Path) -> None:
    main = module.folder / "cmd/hello/main.go"
    correct = main.read_text()
    main.write_text("package main\n\nfunc main() { undefinedThing() }\n")
    with pytest.raises(LocalCloudError, match=r"(?s)compile hello.*undefined: undefinedThing.*again"):
        build.build_missing(module, module.programs, built, print)
    assert leftovers(built) == []
    main.write_text(correct)
    build.build_missing(module, module.programs, built, print)
    assert run(built / "hello" / "hello") == "hello\n"


def test_without_go_the_error_says_which_is_needed_and_where_it_is(
    module: GoModule, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalCloudError, match=r"hello .*Go 1\.26\.0 or newer.*no go on PATH.*https://go\.dev/dl"):
        build.build_missing(module, module.programs, built, print)


def test_a_go_that_is_too_old_is_named_beside_the_one_that_is_needed(
    module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    write(module.folder, {"go.mod": "module example.test/small\n\ngo 1.999.0\n"})
    with pytest.raises(LocalCloudError, match=r"Go 1\.999\.0 or newer.*go is go1\.\d+.*https://go\.dev/dl"):
        build.build_missing(module, module.programs, built, print)


def test_a_newer_go_that_cannot_be_fetched_is_reported_in_gos_words(
    module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOTOOLCHAIN", "auto")
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1")
    write(module.folder, {"go.mod": "module example.test/small\n\ngo 1.999.0\n"})
    with pytest.raises(LocalCloudError, match=r"(?s)Go 1\.999\.0 or newer.*says: .*go1\.999\.0.*connection refused"):
        build.build_missing(module, module.programs, built, print)


def test_a_go_that_does_not_know_of_toolchains_is_too_old_as_well(
    module: GoModule, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old" / "go"
    write(old.parent, {"go": "#!/bin/sh\nprintf 'go1.19.8\\n/nonexistent\\n'\n"})
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent))
    with pytest.raises(LocalCloudError, match=rf"Go 1\.26\.0 or newer.*{re.escape(str(old))} is go1\.19\.8"):
        build.build_missing(module, module.programs, built, print)


def test_a_disk_that_is_too_full_is_said_before_anything_is_compiled(
    module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go_compiler, "_BYTES_PER_PROGRAM", 10**18)
    lines: list[str] = []
    with pytest.raises(LocalCloudError, match=r"1000000000\.\d GB .* are needed in .*GB are free.*MOSAIC_CACHE"):
        build.build_missing(module, module.programs, built, lines.append)
    assert lines == []


def test_progress_counts_the_packages(module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go_compiler, "_HEARTBEAT_SECONDS", 0.01)
    lines: list[str] = []
    build.build_missing(module, module.programs, built, lines.append)
    text = "\n".join(lines)
    count = re.search(r"small: compiling hello: (\d+) packages, about \d+\.\d minutes", text)
    assert count is not None
    assert re.search(rf"small: \d+ of {count[1]} packages compiled, 0:\d\d", text)
    assert re.search(r"hello: built after 0:\d\d", text)


def test_the_second_of_two_builds_waits_and_takes_what_the_first_made(module: GoModule, built: Path) -> None:
    built.mkdir()
    lines: list[str] = []
    waits = threading.Event()

    def report(line: str) -> None:
        lines.append(line)
        waits.set()

    second = threading.Thread(target=build.build_missing, args=(module, module.programs, built, report))
    with (built / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second.start()
        assert waits.wait(timeout=60)
        (built / "hello").mkdir()
    second.join(timeout=60)
    assert not second.is_alive()
    assert lines == ["small: another process is building; waiting for it"]


def test_a_build_that_is_killed_leaves_nothing_and_the_next_one_cleans_up(module: GoModule, built: Path) -> None:
    # The child stops for good where the module's sources are known and nothing is compiled yet.
    script = f"""
import pathlib, time
from local import build
from local.build.go_module import GoModule, GoProgram
program = GoProgram(name="hello", package="./cmd/hello")
module = GoModule(folder=pathlib.Path({str(module.folder)!r}), programs=(program,))
def report(line):
    print(line, flush=True)
    time.sleep(600)
build.build_missing(module, [program], pathlib.Path({str(built)!r}), report)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith("small: compiling hello")
        child.kill()
    assert [name.startswith("building-") for name in leftovers(built)] == [True]
    build.build_missing(module, module.programs, built, print)
    assert leftovers(built) == ["hello"]


def test_a_required_module_is_cut_and_its_files_are_kept(operator: GoModule, built: Path) -> None:
    build.build_missing(operator, operator.programs, built, print)
    assert run(built / "plugins" / "plugins") == "good\n"
    assert leftovers(built / "plugins" / "files") == ["one.yaml"]
    assert operator.version(PLUGINS) == "v1.2.3"


def test_sources_that_go_sum_does_not_have_are_refused(operator: GoModule, built: Path) -> None:
    sums = operator.folder / "go.sum"
    sums.write_text(re.sub(r"h1:....", "h1:AAAA", sums.read_text()))
    with pytest.raises(LocalCloudError, match=r"(?s)download example\.test/plugins.*checksum mismatch.*Do not trust"):
        build.build_missing(operator, operator.programs, built, print)
    assert leftovers(built) == []


def test_a_module_proxy_that_does_not_answer_is_named(
    operator: GoModule, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1")
    with pytest.raises(LocalCloudError, match=r"(?s)download example\.test/plugins.*connection refused.*module proxy"):
        build.build_missing(operator, operator.programs, built, print)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cut: replace(cut, entries=("main.go", "nowhere")), r"nowhere: it does not exist"),
        (lambda cut: registering(cut, "plugin/all.go"), r"plugin/all\.go: it does not exist"),
        (
            lambda cut: registering(cut, "plugin/register/register.go", "aws"),
            r"expected an import of example\.test/plugins/plugin/aws, found example\.test/plugins/plugin/bad, ",
        ),
        (
            lambda cut: registering(cut, "plugin/good/good.go"),
            r"expected an import of any plug-in, found nothing",
        ),
    ],
    ids=["no folder", "no file", "no such plug-in", "no plug-ins"],
)
def test_a_source_that_is_laid_out_in_another_way_is_not_cut(
    operator: GoModule, built: Path, change: Callable[[SourceCut], SourceCut], message: str
) -> None:
    assert operator.cut is not None
    with pytest.raises(LocalCloudError, match=message):
        build.build_missing(replace(operator, cut=change(operator.cut)), operator.programs, built, print)
    assert leftovers(built) == []


def test_a_file_pattern_that_matches_nothing_is_an_error(operator: GoModule, built: Path) -> None:
    program = replace(operator.programs[0], files=("crds/v2/*.yaml",))
    with pytest.raises(LocalCloudError, match=r"plugins: example\.test/plugins has no file crds/v2/\*\.yaml"):
        build.build_missing(operator, [program], built, print)
    assert leftovers(built) == []


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(LocalCloudError, match=r"No program is named kubelet; there are etcd, kube-apiserver, .*kwok"):
        build.ensure_built(["etcd", "kubelet"])


def test_the_command_reports_an_error_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["kubelet"]) == 1
    assert capsys.readouterr().err.startswith("No program is named kubelet")


def test_every_published_kubernetes_module_is_of_the_servers_release() -> None:
    engines, _, providers = build.modules()
    release = engines.version("k8s.io/kubernetes").replace("v1.", "v0.")
    replaced = re.findall(r"^\t(\S+) => (\S+) (\S+)$", engines.go_mod, re.MULTILINE)
    assert replaced
    assert {(old, new, version) for old, new, version in replaced} == {(old, old, release) for old, _, _ in replaced}
    # The stand-ins are compiled after the servers and find these packages in Go's build cache.
    assert providers.version("k8s.io/client-go") == release

"""Programs are compiled from the sources in go.sum; a failure says what is missing and what to do."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from local.build import go_compiler
from local.build.go_module import GoModule
from local.build.programs import build_missing
from local.runtime.errors import LocalCloudError
from tests.unit.local.build.go_sources import leftovers, run, write


def test_a_program_is_built_with_the_modules_linker_flags(module: GoModule, built: Path) -> None:
    build_missing(module, module.programs, built, print)
    assert run(built / "hello" / "hello") == "hello\n"
    assert leftovers(built) == ["hello"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("GOFLAGS", "-mod=vendor -race"), ("GOOS", "windows"), ("GOARCH", "wasm"), ("GOWORK", "/nonexistent/go.work")],
)
def test_the_callers_go_settings_have_no_effect(
    module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    build_missing(module, module.programs, built, print)
    assert run(built / "hello" / "hello") == "hello\n"


def test_a_compile_error_is_reported_with_the_compilers_message(module: GoModule, built: Path) -> None:
    main = module.folder / "cmd/hello/main.go"
    correct = main.read_text()
    main.write_text("package main\n\nfunc main() { undefinedThing() }\n")
    with pytest.raises(LocalCloudError, match=r"(?s)compile hello.*undefined: undefinedThing.*again"):
        build_missing(module, module.programs, built, print)
    assert leftovers(built) == []
    main.write_text(correct)
    build_missing(module, module.programs, built, print)
    assert run(built / "hello" / "hello") == "hello\n"


def test_without_go_the_error_gives_the_version_and_download_page(
    module: GoModule, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalCloudError, match=r"hello .*Go 1\.26\.0 or newer.*no go on PATH.*https://go\.dev/dl"):
        build_missing(module, module.programs, built, print)


def test_an_old_go_is_reported_with_the_needed_version(
    module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    write(module.folder, {"go.mod": "module example.test/small\n\ngo 1.999.0\n"})
    with pytest.raises(LocalCloudError, match=r"Go 1\.999\.0 or newer.*go is go1\.\d+.*https://go\.dev/dl"):
        build_missing(module, module.programs, built, print)


def test_a_newer_go_that_cannot_be_fetched_is_reported_with_gos_message(
    module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOTOOLCHAIN", "auto")
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1")
    write(module.folder, {"go.mod": "module example.test/small\n\ngo 1.999.0\n"})
    with pytest.raises(LocalCloudError, match=r"(?s)Go 1\.999\.0 or newer.*says: .*go1\.999\.0.*connection refused"):
        build_missing(module, module.programs, built, print)


def test_a_go_without_toolchain_support_is_also_too_old(
    module: GoModule, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old" / "go"
    write(old.parent, {"go": "#!/bin/sh\nprintf 'go1.19.8\\n/nonexistent\\n'\n"})
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent))
    with pytest.raises(LocalCloudError, match=rf"Go 1\.26\.0 or newer.*{re.escape(str(old))} is go1\.19\.8"):
        build_missing(module, module.programs, built, print)


def test_a_full_disk_is_reported_before_compiling(
    module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go_compiler, "_BYTES_PER_PROGRAM", 10**18)
    lines: list[str] = []
    with pytest.raises(LocalCloudError, match=r"1000000000\.\d GB .* are needed in .*GB are free.*MOSAIC_CACHE"):
        build_missing(module, module.programs, built, lines.append)
    assert lines == []


def test_progress_counts_the_packages(module: GoModule, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go_compiler, "_HEARTBEAT_SECONDS", 0.01)
    lines: list[str] = []
    build_missing(module, module.programs, built, lines.append)
    text = "\n".join(lines)
    count = re.search(r"small: compiling hello: (\d+) packages, about \d+\.\d minutes", text)
    assert count is not None
    assert re.search(rf"small: \d+ of {count[1]} packages compiled, 0:\d\d", text)
    assert re.search(r"hello: built after 0:\d\d", text)


def test_sources_missing_from_go_sum_are_refused(operator: GoModule, built: Path) -> None:
    sums = operator.folder / "go.sum"
    sums.write_text(re.sub(r"h1:....", "h1:AAAA", sums.read_text()))
    with pytest.raises(LocalCloudError, match=r"(?s)download example\.test/plugins.*checksum mismatch.*Do not trust"):
        build_missing(operator, operator.programs, built, print)
    assert leftovers(built) == []


def test_an_unresponsive_module_proxy_is_reported(
    operator: GoModule, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1")
    with pytest.raises(LocalCloudError, match=r"(?s)download example\.test/plugins.*connection refused.*module proxy"):
        build_missing(operator, operator.programs, built, print)


def test_a_file_pattern_without_matches_is_an_error(operator: GoModule, built: Path) -> None:
    program = replace(operator.programs[0], files=("crds/v2/*.yaml",))
    with pytest.raises(LocalCloudError, match=r"plugins: example\.test/plugins has no file crds/v2/\*\.yaml"):
        build_missing(operator, [program], built, print)
    assert leftovers(built) == []

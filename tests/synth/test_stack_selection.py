"""MOSAIC_ENVIRONMENT: only the selected environment's stack is made, but all environments are checked."""

import json
import shutil
from pathlib import Path

import pytest

from modules.model.selected_settings import SETTINGS
from tests.conftest import run_main, synthesize
from tests.source_copy import copy_source


def test_only_the_selected_environment_is_synthesized(aws_stacks: Path, tmp_path: Path, environment: str) -> None:
    stacks = synthesize(tmp_path, {"MOSAIC_ENVIRONMENT": environment})
    assert [folder.name for folder in stacks.iterdir()] == [environment]
    name = f"{environment}/cdk.tf.json"
    assert (stacks / name).read_bytes() == (aws_stacks / name).read_bytes()


@pytest.fixture(scope="module")
def used_folder(aws_stacks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world-readable folder that had every stack, after a synthesis of staging into it."""
    folder = tmp_path_factory.mktemp("used") / "out"
    shutil.copytree(aws_stacks.parent, folder)
    assert _named(folder) == {"bootstrap", *SETTINGS.names()}
    for stack in aws_stacks.iterdir():
        shutil.rmtree(folder / "stacks" / stack.name)
    (folder / "stacks").chmod(0o755)
    synthesize(folder, {"MOSAIC_ENVIRONMENT": "staging"})
    return folder


@pytest.fixture(scope="module")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new folder, after a synthesis with an empty variable."""
    folder = tmp_path_factory.mktemp("new") / "out"
    synthesize(folder, {"MOSAIC_ENVIRONMENT": ""})
    return folder


def _named(folder: Path) -> set[str]:
    return set(json.loads((folder / "manifest.json").read_text())["stacks"])


def test_the_manifest_contains_no_stack_of_an_earlier_run(used_folder: Path) -> None:
    assert _named(used_folder) == {"staging"}


def test_the_output_is_private_to_its_owner(used_folder: Path, new_folder: Path) -> None:
    """Even if an earlier version or cdktf made the folder world-readable."""
    for folder in (used_folder, new_folder):
        written = [folder / "stacks", *(folder / "stacks").rglob("*"), folder / "manifest.json"]
        assert len(written) > 3
        assert [path for path in written if path.stat().st_mode & 0o077] == []
    assert new_folder.stat().st_mode & 0o077 == 0


def test_an_empty_variable_synthesizes_every_stack(new_folder: Path) -> None:
    made = sorted(folder.name for folder in (new_folder / "stacks").iterdir())
    assert made == sorted(["bootstrap", *SETTINGS.names()])


def test_an_unknown_environment_is_refused(tmp_path: Path) -> None:
    finished = run_main(tmp_path, {"MOSAIC_ENVIRONMENT": "stagin"})
    assert finished.returncode == 1
    allowed = ", ".join(["bootstrap", *SETTINGS.names()])
    assert finished.stderr == f"error: MOSAIC_ENVIRONMENT is 'stagin'; allowed: {allowed}, or unset for all of them\n"
    assert not (tmp_path / "stacks").exists()


def test_unselected_environments_are_checked_too(tmp_path: Path) -> None:
    project = copy_source(tmp_path / "project")
    copied = (project / "environments" / "staging.py").read_text().replace('name="staging"', 'name="copied"')
    (project / "environments" / "copied.py").write_text(copied)
    finished = run_main(tmp_path / "out", {"MOSAIC_ENVIRONMENT": "prod"}, project)
    assert finished.returncode == 1
    assert "host 'stage.mosaiclife.me' is used by copied and by staging" in finished.stderr

"""Writing a proposal needs no credentials and no network, and only its owner can read it."""

import os
import shutil
from pathlib import Path

import pytest

from delivery.commands.propose import main
from delivery.proposal.proposal import read_proposal
from environments.schema.document import SettingsDocument
from modules.model.selected_settings import SETTINGS
from tests.delivery.command_line import run_command
from tests.delivery.proposal.conftest import stacks  # noqa: F401 a fixture


def test_a_proposal_holds_this_checkouts_stacks(tmp_path: Path, stacks: dict[str, dict[str, object]]) -> None:  # noqa: F811 the fixture
    node = shutil.which("node")
    assert node is not None
    folder = tmp_path / "proposal"
    run = run_command("propose", "--out", str(folder), PATH=os.path.dirname(node), HOME=str(tmp_path))  # noqa: PTH120 a text
    names = ", ".join(["bootstrap", *SETTINGS.names()])
    assert (run.returncode, run.stdout) == (0, f"{folder}: settings and stacks of {names}\n")
    proposal = read_proposal(folder)
    assert proposal.stacks == stacks
    assert (folder / "settings.json").read_text() == SettingsDocument.of(SETTINGS).to_json()
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.rglob("*"))} == {0}


def test_an_existing_proposal_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "stacks" / "gone").mkdir(parents=True)
    assert main(["--out", str(tmp_path)]) == 0
    assert set(read_proposal(tmp_path).stacks) == {"bootstrap", *SETTINGS.names()}


def test_a_folder_with_other_content_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.py").touch()
    assert main(["--out", str(tmp_path)]) == 2
    assert f"error: {tmp_path} has main.py; allowed: an empty folder, or one of a proposal" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["main.py"]


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--out", str(tmp_path / "file")]) == 2
    assert "allowed: a folder that can be written" in capsys.readouterr().err


def test_unusable_settings_are_refused(tmp_path: Path) -> None:
    run = run_command("propose", "--out", str(tmp_path / "x"), MOSAIC_SETTINGS=str(tmp_path / "none"))
    assert run.returncode == 2
    assert "error: MOSAIC_SETTINGS is" in run.stderr
    assert not (tmp_path / "x").exists()

"""State and cache are never inside the checkout."""

from pathlib import Path

import pytest

from local.runtime.errors import LocalCloudError
from local.runtime.paths import CACHE_VARIABLE, STATE_VARIABLE, cache_folder, state_folder
from modules.model.project import ROOT


@pytest.mark.parametrize(("variable", "folder"), [(STATE_VARIABLE, state_folder), (CACHE_VARIABLE, cache_folder)])
@pytest.mark.parametrize(
    ("value", "message"),
    [("relative/folder", "an absolute path is needed"), (str(ROOT / "state"), "must lie outside the checkout")],
)
def test_an_unusable_folder_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, folder: type, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(LocalCloudError, match=f"{variable}={value}: {message}"):
        folder()


def test_the_default_folders_lie_outside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STATE_VARIABLE, raising=False)
    monkeypatch.delenv(CACHE_VARIABLE, raising=False)
    assert not state_folder().is_relative_to(ROOT)
    assert not cache_folder().is_relative_to(ROOT)


def test_the_state_folder_shows_its_contents_to_nobody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "new" / "state"))
    assert state_folder().stat().st_mode & 0o066 == 0

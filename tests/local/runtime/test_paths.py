"""State and cache are never inside the checkout, nor where other users can change them."""

import tempfile
from pathlib import Path

import pytest

from local.runtime.errors import LocalCloudError
from local.runtime.paths import CACHE_VARIABLE, STATE_VARIABLE, cache_folder, state_folder
from modules.model.project import ROOT
from tests.local.runtime.somebody_else import give_away

BOTH = pytest.mark.parametrize(("variable", "folder"), [(STATE_VARIABLE, state_folder), (CACHE_VARIABLE, cache_folder)])


@BOTH
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


def test_only_its_owner_can_list_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "new" / "state"))
    assert state_folder().stat().st_mode & 0o066 == 0


@BOTH
def test_a_folder_that_everybody_may_write_to_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, folder: type
) -> None:
    for mode in (0o777, 0o1777):
        tmp_path.chmod(mode)
        monkeypatch.setenv(variable, str(tmp_path))
        with pytest.raises(LocalCloudError, match=rf"{variable} is {tmp_path}, which everybody may write to"):
            folder()


def test_a_state_folder_that_a_group_may_write_to_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path))
    with pytest.raises(LocalCloudError, match=f"{tmp_path} has mode 0770, so others may write to it"):
        state_folder()


@BOTH
def test_our_folder_in_a_sticky_shared_folder_is_allowed(
    monkeypatch: pytest.MonkeyPatch, variable: str, folder: type
) -> None:
    """As in /tmp, where users may only remove their own files."""
    with tempfile.TemporaryDirectory() as shared:
        Path(shared).chmod(0o1777)
        monkeypatch.setenv(variable, f"{shared}/ours")
        assert folder() == Path(shared) / "ours"
        assert folder().stat().st_mode & 0o022 == 0


@BOTH
def test_a_folder_that_others_may_replace_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, folder: type
) -> None:
    (tmp_path / "shared" / "ours").mkdir(parents=True, mode=0o700)
    (tmp_path / "shared").chmod(0o777)
    monkeypatch.setenv(variable, str(tmp_path / "shared" / "ours"))
    with pytest.raises(LocalCloudError, match=rf"others may replace what is in {tmp_path}/shared \(mode 0777\)"):
        folder()


@BOTH
@pytest.mark.parametrize("given", ["folder", "link"])
def test_another_users_folder_or_link_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, folder: type, given: str
) -> None:
    """This applies to every folder and link on the path."""
    (tmp_path / "folder" / "ours").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    (tmp_path / "ours").symlink_to(tmp_path / "link")
    give_away(tmp_path / given, monkeypatch)
    for place in (tmp_path / given, tmp_path / given / "ours", tmp_path / "ours" / "ours"):
        monkeypatch.setenv(variable, str(place))
        with pytest.raises(LocalCloudError, match=rf"{variable} is {place}, but the (folder|link) .* belongs to user"):
            folder()


def test_a_link_of_ours_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("folder")
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "link"))
    assert state_folder() == tmp_path / "link"

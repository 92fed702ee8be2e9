"""Only its owner can read a private file, from its first byte on, in a folder that nobody else can change."""

import os
import pwd
import re
import secrets
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.runtime.errors import LocalCloudError
from local.runtime.private_files import open_lock, private_folder, write_private
from tests.local.runtime.somebody_else import give_away


@pytest.fixture(autouse=True)
def _generous_umask() -> Iterator[None]:
    """Set a permissive umask, so that the tested modes do not depend on the caller's."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "secret")
    write_private(tmp_path / "key", b"another")
    assert (tmp_path / "key").read_text() == "another"
    assert mode(tmp_path / "key") == 0o600
    assert mode(private_folder(tmp_path / "folder")) == 0o700


def test_a_world_readable_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("old")
    with (tmp_path / "key").open() as reader:
        write_private(tmp_path / "key", "secret")
        assert reader.read() == "old"
    assert mode(tmp_path / "key") == 0o600


def test_the_folder_of_another_user_gets_a_file_of_that_user(tmp_path: Path) -> None:
    """Here the other user is the caller; tests/local/test_privacy.py covers PostgreSQL's own user."""
    write_private(tmp_path / "key", "secret", user=pwd.getpwuid(os.geteuid()).pw_name)
    assert (tmp_path / "key").stat().st_uid == os.geteuid()


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    (tmp_path / "key").symlink_to(tmp_path / "other")
    write_private(tmp_path / "key", "secret")
    assert (tmp_path / "other").read_text() == "kept"
    assert not (tmp_path / "key").is_symlink()


@pytest.mark.parametrize("planted", ["file", "link"])
def test_an_existing_file_with_the_temporary_name_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planted: str
) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _bytes: "guessed")
    (tmp_path / "other").write_text("kept")
    if planted == "link":
        (tmp_path / ".key.guessed").symlink_to(tmp_path / "other")
    else:
        (tmp_path / ".key.guessed").write_text("kept")
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "key", "secret")
    assert (tmp_path / ".key.guessed").read_text() == "kept"
    assert not (tmp_path / "key").exists()


def test_writers_at_the_same_time_leave_one_whole_file(tmp_path: Path) -> None:
    contents = [str(digit) * 100_000 for digit in range(8)]
    with ThreadPoolExecutor(len(contents)) as pool:
        list(pool.map(lambda content: write_private(tmp_path / "key", content), contents))
    assert (tmp_path / "key").read_text() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "key", "\ud800")
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(IsADirectoryError):
        write_private(tmp_path / "folder", "secret")
    assert (tmp_path / "key").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "key"]


@pytest.mark.parametrize("others", [0o020, 0o002, 0o022])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, others: int) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o700 | others)
    expected = (
        f"{folder} has mode {0o700 | others:04o}, so others may write to it; allowed: a folder of "
        f"user {pwd.getpwuid(os.geteuid()).pw_name} that nobody else may write to: `chmod go-w {folder}`."
    )
    with pytest.raises(LocalCloudError, match=re.escape(expected)):
        write_private(folder / "key", "secret")
    with pytest.raises(LocalCloudError, match=re.escape(expected)):
        private_folder(folder)
    assert list(folder.iterdir()) == []


def test_another_users_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = private_folder(tmp_path / "foreign")
    give_away(folder, monkeypatch)
    expected = rf"{folder} belongs to user \w+; allowed: a folder of user \w+ that nobody else may write to\."
    with pytest.raises(LocalCloudError, match=expected):
        write_private(folder / "key", "secret")
    with pytest.raises(LocalCloudError, match=expected):
        private_folder(folder)
    assert list(folder.iterdir()) == []


def test_only_its_owner_can_open_a_lock(tmp_path: Path) -> None:
    """Anybody who can open a file, even for reading, can hold its lock."""
    (tmp_path / "old").touch(mode=0o644)
    for lock in (tmp_path / "new", tmp_path / "old"):
        with open_lock(lock) as file:
            file.write("12")
        with open_lock(lock) as file:
            file.seek(0)
            assert file.read() == "12"
        assert mode(lock) == 0o600


def test_a_lock_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    (tmp_path / "other").chmod(0o644)
    for target in ("other", "nothing"):
        (tmp_path / "lock").unlink(missing_ok=True)
        (tmp_path / "lock").symlink_to(tmp_path / target)
        with pytest.raises(LocalCloudError, match=r"the lock .*/lock cannot be opened .*that is not a link"):
            open_lock(tmp_path / "lock")
    assert mode(tmp_path / "other") == 0o644
    assert not (tmp_path / "nothing").exists()


def test_another_users_lock_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lock").touch(mode=0o666)
    give_away(tmp_path / "lock", monkeypatch)
    with pytest.raises(LocalCloudError, match=r"the lock .*/lock belongs to user \w+; allowed: a file of user \w+"):
        open_lock(tmp_path / "lock")

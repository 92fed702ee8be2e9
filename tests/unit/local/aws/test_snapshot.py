"""The local AWS' snapshot: what is not its own, or no longer whole, is named with what to do."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from local.aws.server.snapshot import Snapshot
from local.runtime.errors import LocalCloudError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A snapshot of an account that holds nothing."""
    Snapshot(tmp_path).save()
    return tmp_path / "backends.pickle"


def test_what_was_saved_is_restored(file: Path) -> None:
    Snapshot(file.parent).restore()


@pytest.mark.parametrize(
    "damage",
    [
        lambda _whole: b"",
        lambda _whole: b"no pickle",
        lambda whole: whole[:-1],
        lambda whole: whole[: len(whole) // 2],
        # Of a module, and of a name in one, that there are not; and calls that cannot be made.
        lambda whole: whole[: whole.index(b".") + 1] + b"cno_module\nName\n.",
        lambda whole: whole[: whole.index(b".") + 1] + b"cpickle\nno_name\n.",
        lambda whole: whole[: whole.index(b".") + 1] + pickle.dumps(None).replace(b"N", b"I1\nI1\nR"),
        lambda whole: whole.replace(b"python", b"\xff\xff\xff\xff\xff\xff"),
    ],
)
def test_a_damaged_snapshot_is_named_with_what_to_do(file: Path, damage: Callable[[bytes], bytes]) -> None:
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(LocalCloudError, match=r"backends\.pickle is damaged \(.+\): run `reset`\."):
        Snapshot(file.parent).restore()


def test_a_snapshot_of_another_version_is_named_too(file: Path) -> None:
    file.write_bytes(pickle.dumps({"moto": "0.0.1", "python": "3.0"}) + file.read_bytes())
    with pytest.raises(
        LocalCloudError, match=r"was written by {'moto': '0\.0\.1', 'python': '3\.0'}, but this is .*: run"
    ):
        Snapshot(file.parent).restore()

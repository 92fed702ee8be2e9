"""A state folder belongs to one account: it is chosen once, and no other is served from it."""

from pathlib import Path

import pytest

from local.runtime.errors import LocalCloudError
from local.state import held_account
from modules.model.cloud_selection import ACCOUNT_VARIABLE


def _asked(monkeypatch: pytest.MonkeyPatch, account: str | None) -> None:
    if account is None:
        monkeypatch.delenv(ACCOUNT_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(ACCOUNT_VARIABLE, account)


@pytest.mark.parametrize(
    ("asked", "held"), [(None, "built"), ("", "built"), ("built", "built"), ("designed", "designed")]
)
def test_a_new_folder_keeps_the_requested_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None, held: str
) -> None:
    _asked(monkeypatch, asked)
    assert held_account(tmp_path) == held
    assert (tmp_path / "account").read_text() == held


@pytest.mark.parametrize("cloud", ["aws", "local", None])
def test_a_folder_keeps_its_account_regardless_of_the_shells_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cloud: str | None
) -> None:
    """`python -m local up` runs before the shell has the local cloud's variables."""
    if cloud is None:
        monkeypatch.delenv("MOSAIC_CLOUD", raising=False)
    else:
        monkeypatch.setenv("MOSAIC_CLOUD", cloud)
    _asked(monkeypatch, "designed")
    assert held_account(tmp_path) == "designed"


@pytest.mark.parametrize("asked", [None, "", "designed"])
def test_a_folder_keeps_its_account_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    (tmp_path / "account").write_text("designed")
    _asked(monkeypatch, asked)
    assert held_account(tmp_path) == "designed"


@pytest.mark.parametrize(("held", "asked"), [("built", "designed"), ("designed", "built")])
def test_a_different_account_is_refused_and_the_folder_is_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str, asked: str
) -> None:
    (tmp_path / "account").write_text(held)
    _asked(monkeypatch, asked)
    with pytest.raises(LocalCloudError) as raised:
        held_account(tmp_path)
    assert str(raised.value) == (
        f"MOSAIC_LOCAL_ACCOUNT is {asked!r}, but the local cloud in {tmp_path} holds the account {held!r}; allowed: "
        "the same one, `python -m local reset` first, or another folder in MOSAIC_LOCAL_STATE."
    )
    assert (tmp_path / "account").read_text() == held


def test_an_unknown_account_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _asked(monkeypatch, "desinged")
    with pytest.raises(LocalCloudError) as raised:
        held_account(tmp_path)
    assert str(raised.value) == "MOSAIC_LOCAL_ACCOUNT is 'desinged'; allowed: built, designed (built if it is unset)"
    assert not list(tmp_path.iterdir())

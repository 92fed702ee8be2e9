"""A file that a command writes is readable by the caller only, and does not follow links."""

import stat
from pathlib import Path

from delivery.report.private_file import write_private


def test_a_file_is_rewritten_for_its_owner_only(tmp_path: Path) -> None:
    (tmp_path / "plan").write_text("longer than the new one")
    (tmp_path / "plan").chmod(0o644)
    write_private(tmp_path / "plan", "ä")
    assert (tmp_path / "plan").read_text(encoding="utf-8") == "ä"
    assert stat.S_IMODE((tmp_path / "plan").stat().st_mode) == 0o600


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    for target in ("other", "nothing"):
        (tmp_path / "plan").unlink(missing_ok=True)
        (tmp_path / "plan").symlink_to(tmp_path / target)
        write_private(tmp_path / "plan", "new")
        assert not (tmp_path / "plan").is_symlink()
    assert (tmp_path / "other").read_text() == "kept"
    assert not (tmp_path / "nothing").exists()

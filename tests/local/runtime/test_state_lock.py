"""One command at a time changes a state folder, and only the folder's owner can make it wait."""

import threading
from pathlib import Path

from local.runtime.state_lock import LOCK, locked


def test_the_second_command_waits_for_the_first_and_names_it(tmp_path: Path) -> None:
    lines: list[str] = []
    said, order = threading.Event(), list[str]()

    def report(line: str) -> None:
        lines.append(line)
        said.set()

    def second() -> None:
        with locked(tmp_path, report):
            order.append("second")

    with locked(tmp_path, lines.append):
        process = (tmp_path / LOCK).read_text()
        thread = threading.Thread(target=second)
        thread.start()
        said.wait()
        order.append("first")
    thread.join()
    assert lines == [f"another command (process {process}) is using the local cloud; waiting for it"]
    assert order == ["first", "second"]


def test_a_lock_of_an_earlier_version_is_closed_to_others(tmp_path: Path) -> None:
    """Anybody who can open it, even for reading, can hold it."""
    (tmp_path / LOCK).touch(mode=0o644)
    with locked(tmp_path, print):
        assert (tmp_path / LOCK).stat().st_mode & 0o077 == 0

"""The output during a measurement, and its timing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.bench import Bench
from benchmarks.row import Row
from benchmarks.screen import Screen


def bench(*, rounds: int, later: tuple[str, ...] = ()) -> Bench:
    return Bench("copying", title="Copies", later=later, rounds=rounds, screen=Screen())


def row(name: str, before: Callable[[], object] = lambda: None) -> Row:
    return Row(name=name, commands=[("true",)], before=before)


def test_a_row_is_shown_before_the_next_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    shown: list[str] = []

    def look() -> None:
        shown.append(capsys.readouterr().out)

    bench(rounds=1).in_turn([row("small", look), row("large", look)])
    header, first = shown
    assert "Copies (one run)" in header
    assert "small" not in header
    assert first.startswith("small")
    assert capsys.readouterr().out.startswith("large")


def test_rows_are_measured_in_turn(tmp_path: Path) -> None:
    log = tmp_path / "log"
    rows = [Row(name=name, commands=[("sh", "-c", f"echo {name} >>{log}")]) for name in ("a", "b")]
    bench(rounds=3).in_turn(rows)
    assert log.read_text().split() == ["a", "b"] * 3


def test_dependent_rows_are_measured_once(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    bench(rounds=3).once(
        [Row(name="make", commands=[("mkdir", str(folder))]), Row(name="remove", commands=[("rmdir", str(folder))])]
    )


def test_the_remaining_work_is_printed_before_each_measurement(capsys: pytest.CaptureFixture[str]) -> None:
    bench(rounds=3, later=("moving", "linking")).in_turn([row("small"), row("large")])
    assert capsys.readouterr().err.splitlines() == [
        "copying: small; left: 1 row, 2 rounds, moving, linking",
        "copying: large; left: 2 rounds, moving, linking",
        "copying: small; left: 1 row, 1 round, moving, linking",
        "copying: large; left: 1 round, moving, linking",
        "copying: small; left: 1 row, moving, linking",
        "copying: large; left: moving, linking",
    ]


def test_last_row_of_the_last_part_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    bench(rounds=1).in_turn([row("small")])
    assert capsys.readouterr().err == "copying: small; left: nothing\n"


def test_preparation_is_announced_but_is_not_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    bench(rounds=1, later=("moving",)).prepare(row("a folder"))
    printed = capsys.readouterr()
    assert printed.err == "copying: preparing: a folder; left: the table, moving\n"
    assert printed.out == ""

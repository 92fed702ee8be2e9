"""The measured parts, and the exit codes."""

import pytest

from benchmarks.__main__ import main
from benchmarks.bench import Bench
from benchmarks.catalogue import PARTS
from benchmarks.part import Part
from benchmarks.row import Row


def part(name: str, *programs: str) -> Part:
    def run(bench: Bench) -> None:
        bench.in_turn([Row(name=f"{name} runs {program}", commands=[(program,)]) for program in programs])

    return Part(name=name, title=f"Part {name}", run=run)


SMALL = (part("first", "true"), part("second", "true"), part("third", "true"))


def titles(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("Part ")]


def test_an_unknown_part_exits_with_2_and_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", "synth", "sinth"])
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert "'sinth'" in printed.err
    assert all(repr(part.name) in printed.err for part in PARTS)
    assert printed.out == ""


@pytest.mark.parametrize("rounds", ["0", "-1", "1.5", "many"])
def test_an_impossible_number_of_rounds_exits_with_2(rounds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"--rounds={rounds}"])
    assert ended.value.code == 2
    assert f"'{rounds}' is not a whole number from 1 on" in capsys.readouterr().err


def test_without_names_every_part_is_measured_in_list_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1"], SMALL) == 0
    assert titles(capsys.readouterr().out) == [f"Part {name} (one run)" for name in ("first", "second", "third")]


def test_only_named_parts_are_measured_in_list_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "third", "first", "--rounds", "2"], SMALL) == 0
    runs = "(medians of 2 rounds, all rows in turn)"
    assert titles(capsys.readouterr().out) == [f"Part first {runs}", f"Part third {runs}"]


def test_a_failed_command_exits_with_1_and_keeps_earlier_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1"], [part("breaks", "true", "false", "true")]) == 1
    printed = capsys.readouterr()
    assert "breaks runs true" in printed.out
    assert "breaks runs false: `false` ended with 1" in printed.err


def test_an_interrupted_measurement_exits_with_130() -> None:
    def interrupt(_: Bench) -> None:
        raise KeyboardInterrupt

    assert main([], [Part(name="long", title="", run=interrupt)]) == 130


def test_names_of_parts_are_unique() -> None:
    names = [part.name for part in PARTS]
    assert len(set(names)) == len(names)

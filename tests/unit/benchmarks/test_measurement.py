"""A row's figures, and the comparison of two rows."""

import sys

import pytest

from benchmarks.measurement import Measurement, MeasurementError, measure, medians
from benchmarks.row import Row


def figures(wall: float, memory: float | None = None) -> Measurement:
    return Measurement(wall=wall, cpu=wall, memory=memory)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (figures(2, 100), "5.0 times faster, 4.0 times smaller"),
        (figures(20, 800), "2.0 times as long, 2.0 times as large"),
        (figures(10, 400), "1.0 times as long, 1.0 times as large"),
        (figures(2), "5.0 times faster"),
    ],
)
def test_comparison_names_time_and_known_memory(result: Measurement, said: str) -> None:
    assert result.compared_with(figures(10, 400)) == said


def test_median_of_memory_needs_every_run() -> None:
    assert medians([figures(1, 10), figures(9, 90), figures(2, 20)]) == figures(2, 20)
    assert medians([figures(1, 10), figures(9), figures(2, 20)]) == figures(2)


def test_row_is_the_sum_of_its_commands_and_the_largest_of_their_memories() -> None:
    hold = "block = bytearray({} * 2**20); import time; time.sleep(0.8)"
    small, large = ((sys.executable, "-c", hold.format(size)) for size in (1, 200))
    result = measure(Row(name="both", commands=[small, large]))
    assert result.wall >= 2 * 0.8
    assert result.memory is not None
    assert result.memory >= 200


def test_memory_of_a_short_run_is_unknown() -> None:
    assert measure(Row(name="short", commands=[("true",)])).memory is None


def test_variables_are_added_to_the_environment() -> None:
    command = ("sh", "-c", 'test "$COLOUR" = blue && test -n "$PATH"')
    measure(Row(name="variables", commands=[command], variables={"COLOUR": "blue"}))


def test_a_failed_command_is_reported_with_its_output() -> None:
    with pytest.raises(MeasurementError, match=r"(?s)loud: .* ended with 3:\nit broke"):
        measure(Row(name="loud", commands=[("true",), ("sh", "-c", "echo it broke >&2; exit 3")]))

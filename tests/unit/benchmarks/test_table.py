"""A table's columns stay aligned although its rows are printed one by one."""

from benchmarks.measurement import Measurement
from benchmarks.row import Row
from benchmarks.table import Table


def test_columns_stay_aligned() -> None:
    rows = [
        Row(name="whole", commands=[]),
        Row(name="a much longer name", commands=[], wanted="20 times faster, 8 times smaller"),
    ]
    first = Measurement(wall=118.64, cpu=19.2, memory=1759.2)
    second = Measurement(wall=0.6421, cpu=1.006, memory=None)
    table = Table(rows)
    lines = [*table.header().splitlines(), table.row(rows[0], first, first), table.row(rows[1], second, first)]
    assert lines == [
        "                    wall s  CPU s  memory MiB  wanted                            compared with the first",
        "-" * len(lines[0]),
        "whole                118.6   19.2        1759",
        "a much longer name   0.642   1.01              20 times faster, 8 times smaller  184.8 times faster",
    ]

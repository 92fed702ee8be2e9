"""The table is aligned and wraps at words to the terminal's width; each remedy is on a line that can be copied."""

from delivery.doctor.finding import Fact, Row, fine, in_the_way
from delivery.doctor.table import table

_COMMAND = "aws eks update-addon --region us-east-1 --cluster-name mosaiclife-eks --addon-name vpc-cni --more words"
_ROWS = [
    Row(fact=Fact(name="VPC", settings="10.20.0.0/16", read=lambda: fine("")), finding=fine("10.20.0.0/16")),
    Row(
        fact=Fact(name="image of web", settings="mosaic-life/web:staging-80d2e05", read=lambda: fine("")),
        finding=in_the_way("it was never pushed; the newest tags that fit: staging-1234567, staging-89abcde", _COMMAND),
    ),
]


def test_columns_are_aligned_and_a_remedy_follows_its_row() -> None:
    heading, first, second, remedy = table(_ROWS)
    starts = [line.index(text) for line, text in ((heading, "found"), (first, "10.20.0.0/16"))]
    assert heading.index("settings") == first.index("10.20.0.0/16") == second.index("mosaic-life/web")
    assert heading.index("found") == second.index("it was never pushed")
    assert starts
    assert first.startswith("ok  ")
    assert second.startswith("in the way  image of web  ")
    assert remedy == f"    -> {_COMMAND}"


def test_a_narrow_terminal_wraps_cells_but_never_a_command() -> None:
    lines = list(table(_ROWS, width=80))
    assert max(len(line) for line in lines if "->" not in line) <= 80
    assert f"    -> {_COMMAND}" in lines
    texts = " ".join(" ".join(line[line.index("  ") :].split()) for line in lines)
    assert "never pushed" in texts


def test_an_external_line_break_stays_in_its_row() -> None:
    row = Row(fact=_ROWS[0].fact, finding=fine("one\ntwo\x1b[2J"))
    assert len(list(table([row]))) == 2
    assert "\x1b" not in "".join(table([row]))

"""Where lines are printed; only terminals get cursor codes."""

import io

import pytest

from benchmarks.screen import Screen

ESCAPE = "\x1b"


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, results: io.StringIO, progress: io.StringIO) -> tuple[str, str]:
    monkeypatch.setattr("sys.stdout", results)
    monkeypatch.setattr("sys.stderr", progress)
    screen = Screen()
    with screen.measuring("a row"):
        pass
    screen.show("a result")
    return results.getvalue(), progress.getvalue()


@pytest.mark.parametrize(
    ("results", "progress"),
    [(io.StringIO, io.StringIO), (io.StringIO, Terminal), (Terminal, io.StringIO)],
    ids=["neither is a terminal", "results go to a file", "progress goes to a file"],
)
def test_without_two_terminals_no_cursor_code_is_written(
    monkeypatch: pytest.MonkeyPatch, results: type[io.StringIO], progress: type[io.StringIO]
) -> None:
    assert shown(monkeypatch, results(), progress()) == ("a result\n", "a row\n")


def test_on_a_terminal_progress_disappears_before_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    shown(monkeypatch, screen, screen)
    before, after = screen.getvalue().split(f"\r{ESCAPE}[K")
    assert before == "a row"
    assert after == "a result\n"


def test_progress_is_cut_to_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    progress = Terminal()
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setattr("sys.stderr", progress)
    with Screen().measuring("a" * 100):
        assert progress.getvalue() == "a" * 19

"""Draws a recording as an animated picture: a terminal that scrolls several times faster than the original.

Each line is drawn once, and one CSS animation moves them all, so the picture stays small. Readers whose system asks
for less motion see the last frame (docs/decisions/2026-11-30-pictures-drawn-from-the-code.md).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tools.pictures.cast import HEIGHT, WIDTH, Cast
from tools.pictures.svg import MONOSPACE, document, text

_FONT, _ROW, _BAR = 12.5, 18, 34
_CLOCK = 6
_WIDTH = round((WIDTH + _CLOCK + 3) * _FONT * 0.6)
_ROWS = HEIGHT * _ROW
_HEIGHT = _BAR + _ROWS + 10
# Seconds in the picture: the maximum and minimum per line, and the pause before it restarts.
_LONGEST, _SHORTEST, _END = 0.25, 0.05, 8.0


def recording_picture(cast: Cast) -> str:
    """The picture, as SVG, for light and dark pages."""
    times = list(_times(cast))
    rows = [
        text(10, _BAR + row * _ROW + 13, f"{_clock(seconds):>{_CLOCK - 1}} ", "clock")
        + text(10 + _CLOCK * _FONT * 0.6, _BAR + row * _ROW + 13, line[:WIDTH], _kind(line))
        for row, (seconds, line) in enumerate(cast.lines)
        if line
    ]
    return document(
        _WIDTH,
        _HEIGHT,
        title=f"A recording of `{cast.command}`, {_clock(cast.seconds)} minutes long",
        description="The local cloud starts, bootstrap and staging are deployed on it, and every check passes.",
        style=_style(times),
        content=[
            f'<clipPath id="window"><rect y="{_BAR}" width="{_WIDTH}" height="{_ROWS}"/></clipPath>',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="8" class="terminal"/>',
            '<g clip-path="url(#window)">',
            f'<g class="lines">{"".join(rows)}</g>',
            f'<rect y="{_BAR}" width="{_WIDTH}" height="{_ROWS}" class="terminal cover"/>',
            "</g>",
            f'<path d="M0 {_BAR - 6}h{_WIDTH}" class="bar"/>',
            text(10, 19, f"$ {cast.command}", "good"),
            text(_WIDTH - 10, 19, f"took {_clock(cast.seconds)} minutes, shown in {times[-1]:.0f} s", "soft end"),
        ],
    )


def _style(times: Sequence[float]) -> str:
    whole = times[-1] + _END
    at = [f"{100 * seconds / whole:.2f}%" for seconds in times]
    # A cover moves down over the first lines; once they fill the terminal, all lines move up.
    uncovered = "".join(f"{at[row]}{{{_moved((row + 1) * _ROW)}}}" for row in range(min(HEIGHT, len(at))))
    scrolled = "".join(f"{at[row]}{{{_moved((HEIGHT - 1 - row) * _ROW)}}}" for row in range(HEIGHT, len(at)))
    return "".join(
        (
            f"text{{font:{_FONT}px {MONOSPACE};fill:#d1d7e0;white-space:pre}}",
            "text.clock{fill:#656c76}text.soft{fill:#9198a1}text.good{fill:#3fb950}text.end{text-anchor:end}",
            ".terminal{fill:#0d1117;stroke:#3d444d}.cover{stroke:none}.bar{stroke:#3d444d}",
            f".lines{{animation:scroll {whole:.1f}s step-end infinite;{_moved((HEIGHT - len(at)) * _ROW)}}}",
            f".cover{{animation:uncover {whole:.1f}s step-end infinite;{_moved(_ROWS)}}}",
            f"@keyframes scroll{{0%{{transform:none}}{scrolled}}}@keyframes uncover{{{uncovered}}}",
            "@media (prefers-reduced-motion:reduce){.lines,.cover{animation:none}}",
        )
    )


def _moved(down: int) -> str:
    return f"transform:translateY({down}px)"


def _times(cast: Cast) -> Iterator[float]:
    """The time at which the picture shows each line."""
    shown = 0.0
    yield shown
    for (before, _), (after, _) in pairwise(cast.lines):
        shown += min(_LONGEST, max(_SHORTEST, after - before))
        yield shown


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _kind(line: str) -> str:
    if line.startswith("..."):
        return "soft"
    return "good" if line.startswith(("ok", "The local cloud is ready")) or "Apply complete!" in line else "plain"

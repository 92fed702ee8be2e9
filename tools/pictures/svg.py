"""The few SVG shapes that the pictures use."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

SANS = "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif"
MONOSPACE = "ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace"


def document(width: int, height: int, *, title: str, description: str, style: str, content: Iterable[str]) -> str:
    """Return a whole picture. title, description: for screen readers. style: CSS."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>{style}</style>",
        *content,
        "</svg>\n",
    ]
    return "\n".join(lines)


def text(x: float, y: float, words: str, kind: str) -> str:
    """A line of text whose baseline starts at x, y. kind: a class of the style."""
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(words, quote=False)}</text>'


def arrow(x: float, y: float, to_y: float, kind: str) -> str:
    """An arrow straight down. kind: a class of the style."""
    return f'<path d="M{x:g} {y:g}V{to_y - 1:g}M{x - 5:g} {to_y - 7:g}l5 6 5 -6" class="{kind}"/>'


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle with rounded corners, in the picture's own unit."""

    x: float
    y: float
    width: float
    height: float

    def draw(self, kind: str) -> str:
        """Return the rectangle's SVG. kind: a class of the style."""
        return (
            f'<rect x="{self.x:g}" y="{self.y:g}" width="{self.width:g}" height="{self.height:g}" rx="8" '
            f'class="{kind}"/>'
        )

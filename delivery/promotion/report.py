"""The texts of pull requests that propose images."""

from collections.abc import Sequence
from dataclasses import dataclass

from environments.schema.settings import Image

_DIGEST = slice(0, len("sha256:") + 12)
UNKNOWN = "unknown: an image does not say"


@dataclass(frozen=True, kw_only=True)
class ImageRow:
    """What one application gets. runs: None if unknown. commits, migrations: Markdown. since: when it started."""

    application: str
    runs: Image | None
    comes: Image
    commits: str
    migrations: str
    since: str


def table(rows: Sequence[ImageRow], *, runs: str, comes: str, since: str) -> str:
    """The rows as a Markdown table. runs, comes, since: headings of these columns."""
    lines = [f"| application | {runs} | {comes} | commits | migrations | {since} |", "|---|---|---|---|---|---|"]
    for row in rows:
        cells = (row.application, named(row.runs), named(row.comes), row.commits, row.migrations, row.since)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def named(image: Image | None) -> str:
    """An image by its tag and the start of its digest, in Markdown."""
    if image is None:
        return "unknown"
    return " ".join(f"`{text}`" for text in (image.tag, image.digest and image.digest[_DIGEST]) if text)


def migrations_between(before: str | None, after: str | None) -> str:
    """The database's change, from the newest migration in each image; None if an image does not name it."""
    if before is None or after is None:
        return UNKNOWN
    return "none" if before == after else f"`{before}` → `{after}`"

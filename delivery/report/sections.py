"""The folded details of a comment, cut to the available room."""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.report.markdown import block

_SEPARATOR = "\n\n"


@dataclass(frozen=True, kw_only=True)
class Section:
    """One fold. summary: HTML of its line. blocks: texts in ``language``, each shown whole or not at all."""

    summary: str
    is_open: bool
    language: str
    blocks: Sequence[str]

    def render(self, shown: int) -> str:
        """The fold with its first blocks, and the number of blocks left out."""
        missing = len(self.blocks) - shown
        parts = [f"<details{' open' if self.is_open else ''}><summary>{self.summary}</summary>"]
        if shown:
            parts.append(block(_SEPARATOR.join(self.blocks[:shown]), self.language))
        if missing:
            parts.append(f"✂️ **{missing} of {len(self.blocks)} are not shown**")
        return _SEPARATOR.join([*parts, "</details>"])


def fit(sections: Sequence[Section], room: int) -> tuple[str, bool]:
    """Return the sections in at most ``room`` characters if possible, and whether they are complete.

    Earlier sections have priority; a later one keeps at least its summary and count.
    """
    sections = [section for section in sections if section.blocks]
    shown = [0] * len(sections)
    used = sum(len(section.render(0)) + len(_SEPARATOR) for section in sections)
    for index, section in enumerate(sections):
        least = len(section.render(0))
        # A binary search: trying every number of blocks would take a minute for thousands of them.
        low, high = 0, len(section.blocks)
        while low < high:
            middle = (low + high + 1) // 2
            if used - least + len(section.render(middle)) <= room:
                low = middle
            else:
                high = middle - 1
        shown[index] = low
        used += len(section.render(low)) - least
    text = _SEPARATOR.join(section.render(count) for section, count in zip(sections, shown, strict=True))
    return text, all(count == len(section.blocks) for section, count in zip(sections, shown, strict=True))

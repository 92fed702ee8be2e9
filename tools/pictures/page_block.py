"""The generated parts of a page, each between two HTML comments with its name."""


class BlockError(ValueError):
    """The page lacks a block; the message names it and says what is allowed."""


def with_block(page: str, name: str, content: str) -> str:
    """Return the page with this content in the named block. Raises BlockError."""
    begin, end = f"<!-- generated: {name} (make pictures) -->\n", f"<!-- generated: end of {name} -->\n"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise BlockError(f"the page has no block {name!r}; allowed: the lines {begin.strip()} and {end.strip()}")
    return f"{before}{begin}{content.rstrip()}\n{end}{after}"

"""Markdown without its code: the part that a browser interprets as markup."""

import re


def outside_code(text: str) -> str:
    """Return the text without fenced blocks and code spans (CommonMark 4.5 and 6.1)."""
    kept, fence = [], ""
    for line in text.splitlines():
        opening = re.match(r"(?:> )* {0,3}(`{3,})", line)
        if fence:
            fence = "" if re.fullmatch(rf" {{0,3}}{fence}`* *", line) else fence
        elif opening:
            fence = opening[1]
        else:
            kept.append(line)
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", "\n".join(kept))

"""The table of guarantees, with what enforces each and the live tests that prove it."""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests.live.promises import PROMISES

_MARKER = re.compile(r'pytest\.mark\.promise\("([^"]+)"\)')


def promises_table(root: Path) -> str:
    """Return the table as Markdown, with links from the root. root: of the checkout whose live tests are read."""
    proofs = _proofs(root)
    rows = [
        f"| **{name}** | {promise.guaranteed} | {promise.enforced_by} | {', '.join(proofs[name])} |"
        for name, promise in PROMISES.items()
    ]
    return "\n".join(["| | what is guaranteed | enforced by | proved by |", "|:--|:--|:--|:--|", *rows])


def _proofs(root: Path) -> Mapping[str, list[str]]:
    """Return a link to each file that proves a promise; files in one folder of tests/live share a link."""
    live = root / "tests" / "live"
    links: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for file in sorted(live.rglob("test_*.py"), key=lambda file: (file.parent != live, file)):
        shown = file if file.parent == live else file.parent
        path = shown.relative_to(root).as_posix()
        for name in _MARKER.findall(file.read_text(encoding="utf-8")):
            links[name][f"[{shown.name}{'' if shown == file else '/'}]({path})"] = None
    return {name: list(found) for name, found in links.items()}

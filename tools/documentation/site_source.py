"""The source of the documentation site: the pages of docs in the generator's form, and one page for each construct.

GitHub shows the same pages unchanged. The site differs: links to files outside ``docs`` lead to the repository, a
folder's README is its index, the index of docs becomes the navigation, and each trap gets its own heading, which
search finds and links can target.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

from modules.model.project import ROOT
from modules.model.selected_settings import SHARED
from tools.documentation.construct_page import CONSTRUCTS

REPOSITORY = f"https://github.com/{SHARED.repository}"
_INDEX, _TRAPS, _DECISIONS = "README.md", "traps.md", "decisions/README.md"
# A template, not a page.
_NOT_A_PAGE = {"decisions/template.md"}
_FENCE = re.compile(r"^ *(`{3,}|~{3,})")
_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)\s#]*)(#[^)\s]*)?\)")
_HEAD_OF_TRAPS = re.compile(r"^\| trap \|.*\n\|---.*\n", re.M)
_ROW = re.compile(r"^\| (?P<trap>.+?) \| (?P<cause>.+) \| (?P<date>[\d-]+) \|$")


class SiteError(ValueError):
    """The pages do not form a site; the message names the page and says what is allowed."""


def site_pages(constructs: Mapping[str, str], root: Path = ROOT) -> dict[str, str]:
    """Every page of the site by its path.

    constructs: their pages by file name, with README.md as their index. root: of the checkout. Raises SiteError if the
    index of docs does not link one of its pages.
    """
    docs = root / "docs"
    texts = {
        str(path.relative_to(docs)): path.read_text(encoding="utf-8")
        for path in sorted(docs.rglob("*.md"))
        if str(path.relative_to(docs)) not in _NOT_A_PAGE
    }
    sections = _sections(texts[_INDEX])
    linked = {page for pages in sections.values() for page in pages}
    decisions = sorted(page for page in texts if page.startswith("decisions/") and page != _DECISIONS)
    if missing := sorted(texts.keys() - linked - {_INDEX, *decisions}):
        raise SiteError(
            f"docs/README.md does not link {', '.join(missing)}; allowed: every page of docs below a heading"
        )
    texts[_INDEX] += "".join(_navigation(pages, caption=title) for title, pages in sections.items())
    texts[_DECISIONS] += _navigation([page.removeprefix("decisions/") for page in decisions])
    texts[_TRAPS] = _one_heading_a_trap(texts[_TRAPS])
    for name, text in constructs.items():
        texts[f"{CONSTRUCTS}/{name}"] = text
    texts[f"{CONSTRUCTS}/{_INDEX}"] += _navigation([name for name in constructs if name != _INDEX])
    return {_of_site(page): _with_links(text, partial(_target, page, texts, root)) for page, text in texts.items()}


def _of_site(page: str) -> str:
    path = PurePosixPath(page)
    return str(path.with_name("index.md")) if path.name == _INDEX else page


def _sections(index: str) -> dict[str, list[str]]:
    """The pages linked under each second-level heading."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^## ", index, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        targets = [_page_of(match[1], "") for match in _LINK.finditer(body)]
        pages = (each for each in targets if each.endswith(".md") and not each.startswith(".."))
        found[title.strip()] = list(dict.fromkeys(pages))
    return found


def _navigation(pages: list[str], caption: str | None = None) -> str:
    entries = "".join(f"{_of_site(page).removesuffix('.md')}\n" for page in pages)
    title = f":caption: {caption}\n" if caption else ""
    return f"\n```{{toctree}}\n:hidden:\n{title}\n{entries}```\n"


def _one_heading_a_trap(text: str) -> str:
    lines: list[str] = []
    for line in _HEAD_OF_TRAPS.sub("", text).splitlines():
        row = _ROW.match(line)
        if row:
            lines += [f"### {row['trap']}", "", f"Cause: {row['cause'].rstrip('.')}.", "", f"Since {row['date']}.", ""]
        else:
            lines.append(line)
    # Trap headings are whole sentences, so the page's own contents list only the areas.
    return "---\ntocdepth: 2\n---\n" + "\n".join(lines) + "\n"


def _with_links(text: str, target: Callable[[str, str], str]) -> str:
    return "".join(_linked_lines(text, target))


def _linked_lines(text: str, target: Callable[[str, str], str]) -> Iterator[str]:
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip() == fence):
            fence = "" if fence else mark[1]
            yield line
        elif fence:
            yield line
        else:
            yield _LINK.sub(lambda match: f"]({target(match[1], match[2] or '')})", line)


def _page_of(path: str, page: str) -> str:
    """The page of docs that another page's link targets; a target outside docs begins with ``..``."""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
    return f"{CONSTRUCTS}/{_INDEX}" if found == "../modules" else found


def _target(page: str, texts: Mapping[str, str], root: Path, path: str, anchor: str) -> str:
    """The target of a page's link on the site. A missing target stays unchanged, and the generator reports it."""
    found = _page_of(path, page)
    if found in texts:
        relative = posixpath.relpath(_of_site(found), posixpath.dirname(page) or ".")
        return f"{relative}{anchor}"
    file = posixpath.normpath(posixpath.join("docs", found))
    if (root / file).exists():
        kind = "tree" if (root / file).is_dir() else "blob"
        return f"{REPOSITORY}/{kind}/{SHARED.default_branch}/{file}{anchor}"
    return f"{path}{anchor}"

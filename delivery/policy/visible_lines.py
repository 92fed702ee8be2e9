"""Finds the lines in a pull request's text that readers see as written, according to CommonMark."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

# GitHub's Markdown, with the extensions that affect a paragraph's lines.
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# HTML that hides nothing after it: comments that browsers end where CommonMark does, images and line breaks.
_COMMENT = r"<!--(?!-?>)(?:(?!--!?>|<!--).)*-->"
_VOID = r"<(?:img|br|hr)(?:\s+[A-Za-z-]+(?:=\"[^\"<>]*\"|=[A-Za-z0-9%]+)?)*\s*/?>"
_HARMLESS_HTML = re.compile(rf"\s*(?:(?:{_COMMENT}|{_VOID})\s*)*", re.S)
_PLAIN = {"text", "text_special", "code_inline", "em_open", "em_close", "strong_open", "strong_close"}
_LINKS = {"link_open", "link_close"}
_BREAKS = {"softbreak", "hardbreak"}
# GitHub renders fences of some languages as drawings instead of text.
_SHOWN_FENCES = ("", "text")
# A reference in CommonMark; GitHub shows a footnote at the end or nowhere, with the rest of its paragraph.
_FOOTNOTE = re.compile(r"^[ \t>*+\d.)-]*\[\^", re.M)
_CONTAINERS = {"bullet_list_open", "ordered_list_open", "list_item_open"}


@dataclass(frozen=True)
class VisibleLine:
    """One line. source: as written; text: as shown."""

    source: str
    text: str


def visible_lines(text: str) -> Iterator[VisibleLine]:
    """The lines of paragraphs, list items and fenced code at the top level that are entirely plain text.

    Excludes lines after HTML, which may fold or hide whatever follows it, or after a footnote; anything that Markdown
    does not show, such as a link's title or an image's description; and formulas.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    footnote = _FOOTNOTE.search(text)
    end = text.count("\n", 0, footnote.end()) if footnote else text.count("\n") + 1
    above: list[str] = []
    for token in _MARKDOWN.parse(text):
        if token.nesting < 0:
            above.pop()
        if token.type in ("inline", "fence") and token.map and token.map[1] > end:
            return
        is_open = set(above[:-1]) <= _CONTAINERS
        if token.type == "inline" and above[-1:] == ["paragraph_open"] and is_open:
            yield from _paragraph(token)
        elif token.type == "fence" and set(above) <= _CONTAINERS and token.info.strip() in _SHOWN_FENCES:
            yield from (VisibleLine(line, line) for line in token.content.split("\n"))
        if token.nesting > 0:
            above.append(token.type)
        if any(not _HARMLESS_HTML.fullmatch(html) for html in _html(token)):
            return


def _paragraph(token: Token) -> Iterator[VisibleLine]:
    children = token.children or []
    allowed = _PLAIN | _LINKS | _BREAKS
    if any(child.type not in allowed for child in children):
        return
    if "$" in token.content:
        return
    sources, texts = token.content.split("\n"), _texts(children)
    # A code span or a link may span lines; then the lines cannot be matched.
    if len(sources) == len(texts):
        yield from (VisibleLine(source.strip(), shown.strip()) for source, shown in zip(sources, texts, strict=True))


def _texts(children: Sequence[Token]) -> list[str]:
    lines = [""]
    for child in children:
        if child.type in _BREAKS:
            lines.append("")
        else:
            lines[-1] += child.content
    return lines


def _html(token: Token) -> Iterator[str]:
    if token.type == "html_block":
        yield token.content
    yield from (child.content for child in token.children or () if child.type == "html_inline")

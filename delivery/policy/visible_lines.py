"""Which lines of a pull request's text its reader sees as they are, by the rules of CommonMark."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

# As GitHub reads it: of its extensions those that change what a line of a paragraph is.
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# HTML that hides nothing after it: comments that every browser ends where CommonMark does, pictures and line breaks.
_COMMENT = r"<!--(?!-?>)(?:(?!--!?>|<!--).)*-->"
_VOID = r"<(?:img|br|hr)(?:\s+[A-Za-z-]+(?:=\"[^\"<>]*\"|=[A-Za-z0-9%]+)?)*\s*/?>"
_HARMLESS_HTML = re.compile(rf"\s*(?:(?:{_COMMENT}|{_VOID})\s*)*", re.S)
_PLAIN = {"text", "text_special", "code_inline", "em_open", "em_close", "strong_open", "strong_close"}
_LINKS = {"link_open", "link_close"}
_BREAKS = {"softbreak", "hardbreak"}
# GitHub draws a fence of some languages instead of showing it.
_SHOWN_FENCES = ("", "text")
# To CommonMark it is a reference; GitHub shows it at the end, or nowhere, with what its paragraph goes on to say.
_FOOTNOTE = re.compile(r"^[ \t>*+\d.)-]*\[\^", re.M)
_CONTAINERS = {"bullet_list_open", "ordered_list_open", "list_item_open"}


@dataclass(frozen=True)
class VisibleLine:
    """One line. source: as it was written; text: as it is shown."""

    source: str
    text: str


def visible_lines(text: str) -> Iterator[VisibleLine]:
    """The lines of paragraphs, list items and fenced code at the top level, each of them all plain text.

    Not those after HTML, which may fold or hide whatever follows it, or after a footnote; nor what Markdown keeps to
    itself, such as a link's title or a picture's description; nor formulas.
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
    # A code span or a link may go over lines: then none of them is what stands there.
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

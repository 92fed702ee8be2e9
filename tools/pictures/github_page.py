"""Renders Markdown as an HTML page that looks like a comment at GitHub.

GitHub's own renderer is not published. This uses markdown-it-py (CommonMark with GitHub's tables, alerts and coloured
diffs) and the styles of github-markdown-css, which is generated from GitHub's pages (package.json has its version).
"""

import re
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from tools.pictures.theme import Theme

_ALERT = re.compile(r"<blockquote>\n<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\n")
# GitHub's classes for the parts of a diff.
_DIFF = {"+": "pl-mi1", "-": "pl-md", "!": "pl-mc", "@": "pl-mdr"}
_FRAME = """
body {{ margin: 0; padding: 16px; background: {page}; }}
.comment {{ border: 1px solid {line}; border-radius: 6px; overflow: hidden; }}
.comment header {{ padding: 8px 16px; border-bottom: 1px solid {line}; background: {fill};
  font: 14px -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: {soft}; }}
.comment header b {{ color: {strong}; }}
.comment header span {{ border: 1px solid {line}; border-radius: 2em; padding: 0 7px; font-size: 12px; }}
.markdown-body {{ padding: 16px; }}
"""


def github_page(markdown: str, *, stylesheet: str, theme: Theme) -> str:
    """Return a page with one comment by a workflow. stylesheet: the URL of github-markdown-css."""
    line, fill = theme.shared
    frame = _FRAME.format(page=theme.page, line=line, fill=fill, soft=theme.soft, strong=theme.strong)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="{escape(stylesheet)}"><style>{frame}</style>
</head><body><div class="comment"><header><b>github-actions</b> <span>bot</span> commented</header>
<article class="markdown-body">
{rendered(markdown)}</article></div></body></html>
"""


def rendered(markdown: str) -> str:
    """The Markdown as HTML."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("fence", _fence)
    return _ALERT.sub(_alert, parser.render(markdown)).replace("<table>", '<table role="table">')


def _alert(found: re.Match[str]) -> str:
    kind = found[1].lower()
    return (
        f'<blockquote class="markdown-alert markdown-alert-{kind}">\n'
        f'<p class="markdown-alert-title">{kind.capitalize()}</p>\n<p>'
    )


def _fence(_: RendererHTML, tokens: list[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    lines = escape(tokens[index].content, quote=False).splitlines()
    if tokens[index].info == "diff":
        lines = [f'<span class="{_DIFF[line[0]]}">{line}</span>' if line[:1] in _DIFF else line for line in lines]
    return f'<div class="highlight"><pre>{chr(10).join(lines)}</pre></div>\n'

"""Override lines in a pull request's text: only lines that its reader sees count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.policy.overrides import Override, Overrides

LINE = "plan-guard: allow data-loss prod:aws_s3_bucket.backups because they moved"
OVERRIDE = Override(rule="data-loss", environment="prod", address="aws_s3_bucket.backups", reason="they moved")
SEEN = {
    "alone": LINE,
    "between paragraphs": f"Before.\n\n{LINE}\n\nAfter.",
    "a line of a paragraph": f"Before\n{LINE}\nafter",
    "with the line ends of the web form": f"Before\r\n\r\n{LINE}\r\nafter\r\n",
    "a list item": f"- {LINE}",
    "an item of a list in a list": f"1. these:\n   - {LINE}",
    "a second paragraph of an item": f"- these:\n\n  {LINE}",
    "a fence": f"```\n{LINE}\n```",
    "a fence of text": f"~~~text\n{LINE}\n~~~",
    "a fence in an item": f"- these:\n\n  ```\n  {LINE}\n  ```",
    "a fence that is not closed": f"```\n{LINE}",
    "slightly indented": f"   {LINE}  ",
    "after a comment": f"<!-- the template -->\n\n{LINE}",
    "after two comments": f"<!-- one\n\n-->\n<!-- two -->\n\n{LINE}",
    "after a comment in a paragraph": f"text <!-- x --> text\n\n{LINE}",
    "after a picture": f'<img width="300" alt="before" src="https://example.com/a.png" />\n\n{LINE}',
    "before HTML": f"{LINE}\n\n<details><summary>more</summary>\n\nx\n\n</details>",
    "before a footnote": f"{LINE}\n\n[^1]: a note",
}


@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN)
def test_a_visible_line_counts(text: str) -> None:
    assert Overrides.of(text) == Overrides(allowed=(OVERRIDE,))


HIDDEN = {
    "a quotation": f"> {LINE}",
    "the lazy end of a quotation": f"> somebody said\n{LINE}",
    "an alert": f"> [!NOTE]\n> {LINE}",
    "a heading": f"# {LINE}",
    "a heading by its underline": f"{LINE}\n====",
    "struck out": f"~~{LINE}~~",
    "struck out over lines": f"~~a\n{LINE}\nb~~",
    "indented code, which may be a footnote's": f"[^1]: a note\n\n    {LINE}",
    "indented code": f"    {LINE}",
    "a fence far to the right": f"```\n{' ' * 300}{LINE}\n```",
    "a fence that is drawn": f"```mermaid\n{LINE}\n```",
    "a formula": f"$$\n\\phantom{{\n{LINE}\n}}\n$$",
    "a formula's fence": f"```math\n{LINE}\n```",
    "a footnote": f"text[^1]\n\n[^1]: note\n{LINE}",
    "a footnote in a list": f"- [^1]: note\n  {LINE}",
    "a fold": f"<details>\n\n{LINE}\n\n</details>",
    "a fold that seems closed": f"<details><table><td></details>\n\n{LINE}",
    "a fold in a paragraph": f"text <details>\n\n{LINE}",
    "a fold in a list": f"- <details>\n\n{LINE}",
    "a fold in a quotation": f"> <details>\n\n{LINE}",
    "a hidden element": f"<div hidden>\n\n{LINE}\n\n</div>",
    "a hidden element in a paragraph": f"<span hidden>\n{LINE}\n</span>",
    "an HTML block": f"<div>\n{LINE}\n</div>",
    "preformatted HTML": f"<pre>\n{LINE}\n</pre>",
    "an attribute": f'<a title="\n{LINE}\n">x</a>',
    "an attribute in a paragraph": f'x <a title="\n{LINE}\n">x</a>',
    "an attribute of a picture": f'x <img alt="\n{LINE}\n">',
    "a processing instruction": f"<?x\n{LINE}\n?>",
    "a declaration": f"<!X\n{LINE}\n>",
    "CDATA": f"<![CDATA[\n{LINE}\n]]>",
    "a reference's title": f'[x]: https://example.com "\n{LINE}\n"',
    "a link's title": f'[x](https://example.com "\n{LINE}\n")',
    "a picture's description": f"![\n{LINE}\n](https://example.com/a.png)",
    "a table": f"a | b\n--|--\n{LINE}",
    "code over lines": f"`a\n{LINE}\nb`",
    "a comment that a browser ends earlier": f"<!--> <details> -->\n\n{LINE}",
    "another such comment": f"<!-- a --!> <details> -->\n\n{LINE}",
    "a comment in a comment": f"<!-- <!-- --> <details>\n\n{LINE}",
    "a picture that is none": f'<img alt="x" <details>\n\n{LINE}',
    "HTML after a comment": f"<!-- a --> <details>\n\n{LINE}",
    "a link as the address": LINE.replace("aws_s3_bucket.backups", "[aws_s3_bucket.other](aws_s3_bucket.backups)"),
    "emphasis as the address": LINE.replace("aws_s3_bucket.backups", "aws_s3_bucket.*backups*"),
    "an entity": LINE.replace("prod", "pro&#100;"),
    "a zero-width space": LINE.replace("prod", "pro\u200bd"),
    "a zero-width space in the reason": f"{LINE}\u200b, really",
    "a reversed part": LINE.replace("they", "\u202eyeht\u202c"),
    "a blank letter": f"{LINE}\u3164again",
    "no space that is one": LINE.replace("allow data", "allow\u00a0data"),
    "no reason": LINE.partition("they")[0],
    "something before it": f"x {LINE}",
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_a_line_that_may_be_hidden_does_not_count_and_is_reported(text: str) -> None:
    found = Overrides.of(text)
    assert not [row for row in found.allowed if row.reason == OVERRIDE.reason and row.address == OVERRIDE.address]
    assert found.allowed == ()
    assert found.unreadable


@pytest.mark.parametrize("text", [f"<!--\n{LINE}\n-->", f"text <!-- {LINE} --> text", f"<!-- \n{LINE}", None, ""])
def test_a_comment_does_not_count_and_is_not_reported(text: str | None) -> None:
    assert Overrides.of(text) == Overrides()


def test_an_unreadable_line_is_kept_unchanged() -> None:
    assert Overrides.of("plan-guard: please").unreadable == ("plan-guard: please",)


@pytest.mark.parametrize(
    "address",
    [
        "*",
        "kubernetes_resource_quota_v1.namespace_quota",
        'aws_iam_role.x["a_b"]',
        "module.a[0].aws_s3_bucket.b",
        "sha256:" + "0" * 64,
        "aws_s3_bucket.x (deposed 12ab)",
    ],
)
def test_an_address_is_read_unchanged(address: str) -> None:
    line = f"plan-guard: allow changed-by-code prod:{address} because *really* `x_y` [moved](https://example.com)"
    [found] = Overrides.of(line).allowed
    assert found == Override(rule="changed-by-code", environment="prod", address=address, reason="really x_y moved")


def test_addresses_that_markdown_would_change_are_read_from_a_fence() -> None:
    line = 'plan-guard: allow names prod:aws_s3_bucket.x["a\\"b"] because it is meant'
    assert Overrides.of(line) == Overrides(unreadable=(line,))
    [found] = Overrides.of(f"```\n{line}\n```").allowed
    assert found.address == 'aws_s3_bucket.x["a\\"b"]'


def test_only_shown_overrides_count() -> None:
    other = LINE.replace("prod", "staging")
    both = Overrides.of(f"{LINE}\n\n{other}\n\nplan-guard: x")
    assert both.only({OVERRIDE.digest}) == Overrides(allowed=(OVERRIDE,), unreadable=("plan-guard: x",))
    assert len({row.digest for row in both.allowed}) == 2


@given(st.text("<>!-? \n`~[]()^:\"'=details\t*_$|#&;\\1.") | st.text())
def test_any_text_is_accepted_and_a_line_before_it_counts(text: str) -> None:
    assert OVERRIDE in Overrides.of(f"{LINE}\n\n{text}").allowed

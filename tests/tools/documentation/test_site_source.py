"""The pages that the site generator gets."""

from pathlib import Path

import pytest

from modules.model.project import ROOT
from tools.documentation.site_source import REPOSITORY, SiteError, site_pages

INDEX = "# Documentation\n\n## Guides\n\n- [one](one.md)\n- [why](decisions/README.md)\n- [traps](traps.md)\n"
OTHER = "\n| here | there |\n|---|---|\n| a | b |\n"
TRAPS = "| trap | cause | since |\n|---|---|---|\n| It stops | a lock \\| two | 2026-11-24 |\n"
DOCS = {
    "README.md": INDEX,
    "one.md": "# One\n",
    "traps.md": f"# Traps\n\n## Terraform\n\n{TRAPS}{OTHER}",
    "decisions/README.md": "# Decisions\n\n[a](2026-11-24-a.md), from [a form](template.md)\n",
    "decisions/2026-11-24-a.md": "# A\n",
    "decisions/template.md": "# What was decided\n",
}
CONSTRUCTS = {"README.md": "# Constructs\n", "queue.md": "# Queue\n"}


def pages(root: Path, **changed: str) -> dict[str, str]:
    for name, text in {**DOCS, **{f"{name}.md": text for name, text in changed.items()}}.items():
        (root / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "docs" / name).write_text(text)
    (root / "local").mkdir()
    (root / "local" / "state.py").write_text("")
    return site_pages(CONSTRUCTS, root)


def test_the_index_headings_become_the_navigation(tmp_path: Path) -> None:
    index = pages(tmp_path)["index.md"]
    assert index.endswith("\n```{toctree}\n:hidden:\n:caption: Guides\n\none\ndecisions/index\ntraps\n```\n")


def test_a_page_missing_from_the_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        SiteError, match=r"docs/README.md does not link two.md; allowed: every page of docs below a heading"
    ):
        pages(tmp_path, two="# Two\n")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[x](traps.md#terraform)", "[x](traps.md#terraform)"),
        ("[x](decisions/README.md)", "[x](decisions/index.md)"),
        ("[x](../local/state.py)", f"[x]({REPOSITORY}/blob/main/local/state.py)"),
        ("[x](../local)", f"[x]({REPOSITORY}/tree/main/local)"),
        ("[x](decisions/template.md)", f"[x]({REPOSITORY}/blob/main/docs/decisions/template.md)"),
        ("[x](../modules)", "[x](constructs/index.md)"),
        ("[x](https://example.com), [y](#one)", "[x](https://example.com), [y](#one)"),
        # The generator rejects it.
        ("[x](gone.md)", "[x](gone.md)"),
        ("```\n[x](../local)\n```", "```\n[x](../local)\n```"),
    ],
)
def test_links_point_to_site_pages_or_to_the_repository(tmp_path: Path, written: str, expected: str) -> None:
    assert pages(tmp_path, one=f"# One\n\n{written}\n")["one.md"] == f"# One\n\n{expected}\n"


def test_links_are_relative_to_their_pages_folder(tmp_path: Path) -> None:
    changed = pages(tmp_path, **{"decisions/2026-11-24-a": "# A\n\n[one](../one.md) [all](README.md)\n"})
    assert "[one](../one.md) [all](index.md)" in changed["decisions/2026-11-24-a.md"]


def test_each_trap_gets_a_heading(tmp_path: Path) -> None:
    traps = pages(tmp_path)["traps.md"]
    assert "## Terraform\n\n### It stops\n\nCause: a lock \\| two.\n\nSince 2026-11-24.\n" in traps
    assert traps.endswith(OTHER)
    assert "| trap |" not in traps


def test_this_checkouts_pages_form_a_site() -> None:
    found = site_pages(CONSTRUCTS)
    assert "index.md" in found
    for file in (ROOT / "docs" / "decisions").glob("20*.md"):
        assert f"\n{file.stem}\n" in found["decisions/index.md"]

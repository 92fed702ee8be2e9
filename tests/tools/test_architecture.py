"""docs/architecture.md describes the folders as import-linter checks them."""

import re
import tomllib

import pytest

from modules.model.project import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
TABLES = re.findall(r"<!-- layers: (\w+) -->\n\|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)


def layers_of_contract(name: str) -> list[set[str]]:
    (contract,) = (row for row in CONTRACTS if row.get("id") == name)
    return [set(layer.replace(" ", "").split("|")) for layer in contract["layers"]]


def test_every_layered_top_folder_has_a_table() -> None:
    assert [name for name, _ in TABLES] == ["project", "modules", "delivery", "local"]


@pytest.mark.parametrize(("name", "rows"), TABLES, ids=[name for name, _ in TABLES])
def test_each_table_matches_its_contract(name: str, rows: str) -> None:
    first_cells = [row.split("|")[1] for row in rows.splitlines()]
    assert [set(re.findall(r"`(\w+)/?`", cell)) for cell in first_cells] == layers_of_contract(name)


@pytest.mark.parametrize(
    "heading", ["From a replica count to the Deployment", "From a pull request to the posted comment"]
)
def test_a_walkthrough_has_at_most_ten_lines_and_names_files(heading: str) -> None:
    steps = PAGE.split(f"{heading}:\n\n")[1].split("\n\n")[0].splitlines()
    assert len(steps) <= 10
    files = re.findall(r"`((?:\w+/)+[\w.]+\.(?:py|yml))`", "\n".join(steps))
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []

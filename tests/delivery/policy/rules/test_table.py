"""The table of rules has every file's rules, and the documentation lists them all."""

from importlib import import_module
from pathlib import Path

from delivery.policy import rules
from delivery.policy.rules.table import RULES
from modules.model.project import ROOT

DOCUMENTATION = ROOT / "docs" / "plan-guard.md"


def test_every_file_of_rules_is_in_the_table() -> None:
    """tests/delivery/policy/attacks tests what each rule stops."""
    found = []
    for file in Path(*rules.__path__).glob("*.py"):
        own = getattr(import_module(f"delivery.policy.rules.{file.stem}"), "RULES", ())
        if own and file.stem != "table":
            found += [rule.id for rule in own]
    assert sorted(found) == sorted(rule.id for rule in RULES)


def test_the_documentation_lists_every_rule() -> None:
    text = DOCUMENTATION.read_text()
    assert RULES
    for rule_ in RULES:
        assert f"| `{rule_.id}` | {rule_.blocks} | {rule_.reason} |" in text

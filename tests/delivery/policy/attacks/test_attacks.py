"""Each attack is stopped by the rule that it names, and each rule is what stops some attack alone."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from delivery.policy.result import Severity
from delivery.policy.rules.rule import Blocks
from delivery.policy.rules.table import RULES
from tests.delivery.policy.attacks.attack import BASES, Attack, Documents, base

# They compare whole stacks and plans, and so see nearly every attack: what they stop, a rule of its own stops too.
GENERIC = {"unexplained", "changed-by-code"}
FEWEST = 150


def _families() -> dict[str, tuple[Attack, ...]]:
    modules = {file.stem: import_module(f"{__package__}.{file.stem}") for file in Path(__file__).parent.glob("*.py")}
    return {name: module.ATTACKS for name, module in sorted(modules.items()) if hasattr(module, "ATTACKS")}


ATTACKS: Mapping[str, Attack] = {
    f"{family}: {attack.title}": attack for family, attacks in _families().items() for attack in attacks
}


def stopped_by(documents: Documents) -> set[str]:
    """The rules that stop the documents."""
    return {row.rule.id for row in documents.judged().findings if row.severity is Severity.BLOCKING}


def of_interest(rules: set[str], attack: Attack) -> set[str]:
    """Without those that stop nearly everything, but for what is aimed at them."""
    return rules if attack.by in GENERIC else rules - GENERIC


@pytest.mark.parametrize("name", BASES)
def test_what_is_doctored_is_harmless_before(name: str) -> None:
    assert [row.finding for row in base(name).judged().findings] == []


@pytest.mark.parametrize("name", ATTACKS)
def test_the_rule_stops_the_attack(name: str) -> None:
    assert ATTACKS[name].by in stopped_by(ATTACKS[name].documents())


def test_every_rule_that_can_stop_is_all_that_stops_some_attack() -> None:
    alone = {
        attack.by for attack in ATTACKS.values() if of_interest(stopped_by(attack.documents()), attack) == {attack.by}
    }
    assert {rule.id for rule in RULES if rule.blocks is not Blocks.NEVER} == alone


def test_the_attacks_are_many_and_told_apart() -> None:
    families = _families()
    assert sum(map(len, families.values())) == len(ATTACKS) >= FEWEST

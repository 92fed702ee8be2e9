"""Each attack is stopped by the rule that it names, and each rule is what stops some attack alone."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from delivery.policy.result import Severity
from delivery.policy.rules.rule import Blocks
from delivery.policy.rules.table import RULES
from tests.delivery.policy.attacks.attack import BASES, NOT_PLANNED, Attack, base

# They compare whole stacks and plans, and so see nearly every attack: what they stop, a rule of its own stops too.
GENERIC = {"unexplained", "changed-by-code", NOT_PLANNED}
FEWEST = 150


def _families() -> dict[str, tuple[Attack, ...]]:
    modules = {file.stem: import_module(f"{__package__}.{file.stem}") for file in Path(__file__).parent.glob("*.py")}
    return {
        name: module.ATTACKS
        for name, module in sorted(modules.items())
        if isinstance(getattr(module, "ATTACKS", None), tuple)
    }


ATTACKS: Mapping[str, Attack] = {
    f"{family}: {attack.title}": attack for family, attacks in _families().items() for attack in attacks
}


@cache
def stopped_by(name: str) -> frozenset[str]:
    """The rules that stop an attack; of those that see nearly every one, the rule that it names alone is asked."""
    attack = ATTACKS[name]
    judged = attack.documents().judged(*(GENERIC - {attack.by}))
    return frozenset(row.rule.id for row in judged.findings if row.severity is Severity.BLOCKING)


def alone(name: str) -> bool:
    """Only the rule that the attack names stops it, but for those that see nearly every attack."""
    by = ATTACKS[name].by
    return stopped_by(name) == {by}


@pytest.mark.parametrize("name", BASES)
def test_what_is_doctored_is_harmless_before(name: str) -> None:
    assert [row.finding for row in base(name).judged().findings] == []


@pytest.mark.parametrize("name", ATTACKS)
def test_the_rule_stops_the_attack(name: str) -> None:
    assert ATTACKS[name].by in stopped_by(name)


def test_every_rule_that_can_stop_is_all_that_stops_some_attack() -> None:
    found = {ATTACKS[name].by for name in ATTACKS if alone(name)}
    assert {rule.id for rule in RULES if rule.blocks is not Blocks.NEVER} == found


def test_the_attacks_are_many_and_told_apart() -> None:
    families = _families()
    assert sum(map(len, families.values())) == len(ATTACKS) >= FEWEST

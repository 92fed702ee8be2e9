"""Each attack is stopped by its named rule, and each rule is the only one to stop some attack."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from delivery.policy.result import Severity
from delivery.policy.rules.rule import Blocks
from delivery.policy.rules.table import RULES
from tests.delivery.policy.attacks.attack import BASES, NOT_PLANNED, Attack, base

# These compare whole stacks and plans, so they find nearly every attack; a specific rule must stop each attack too.
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
    """Return the rules that stop an attack. Of the generic rules, only the one that the attack names is used."""
    attack = ATTACKS[name]
    judged = attack.documents().judged(*(GENERIC - {attack.by}))
    return frozenset(row.rule.id for row in judged.findings if row.severity is Severity.BLOCKING)


def alone(name: str) -> bool:
    """Whether only the attack's named rule stops it, ignoring the generic rules."""
    by = ATTACKS[name].by
    return stopped_by(name) == {by}


@pytest.mark.parametrize("name", BASES)
def test_the_undoctored_documents_have_no_findings(name: str) -> None:
    assert [row.finding for row in base(name).judged().findings] == []


@pytest.mark.parametrize("name", ATTACKS)
def test_the_rule_stops_the_attack(name: str) -> None:
    assert ATTACKS[name].by in stopped_by(name)


def test_every_blocking_rule_is_the_only_one_to_stop_some_attack() -> None:
    found = {ATTACKS[name].by for name in ATTACKS if alone(name)}
    assert {rule.id for rule in RULES if rule.blocks is not Blocks.NEVER} == found


def test_there_are_enough_attacks_with_unique_titles() -> None:
    families = _families()
    assert sum(map(len, families.values())) == len(ATTACKS) >= FEWEST

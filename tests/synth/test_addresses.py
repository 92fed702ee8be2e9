"""Each stack's addresses are pinned, because renaming one destroys and recreates its resource."""

from pathlib import Path

import pytest

from tests.synth.template import Template

FOLDER = Path(__file__).parent / "addresses"
COMMAND = ".venv/bin/python -m pytest tests/synth/test_addresses.py --regenerate"


def test_the_addresses_of_an_environment_are_pinned(
    template: Template, environment: str, pytestconfig: pytest.Config
) -> None:
    _check(template, environment, pytestconfig)


def test_the_addresses_of_bootstrap_are_pinned(bootstrap: Template, pytestconfig: pytest.Config) -> None:
    _check(bootstrap, "bootstrap", pytestconfig)


def _check(template: Template, stack: str, pytestconfig: pytest.Config) -> None:
    golden = FOLDER / f"{stack}.txt"
    addresses = sorted(template.bodies)
    if pytestconfig.getoption("--regenerate"):
        golden.write_text("".join(f"{address}\n" for address in addresses))
    known = golden.read_text().splitlines() if golden.exists() else []
    changes = [f"- {gone}" for gone in sorted(set(known) - set(addresses))]
    changes += [f"+ {new}" for new in sorted(set(addresses) - set(known))]
    assert known == addresses, "\n".join(
        [f"{golden.name} differs from the stack:", *changes, f"if it is meant, rewrite it: {COMMAND}"]
    )


def test_environments_use_the_same_addresses_for_the_same_resources(templates: dict[str, Template]) -> None:
    """Addresses never contain an environment's name; they differ only in resources that one of them lacks."""
    optional = {
        "data.aws_secretsmanager_secret",
        "kubernetes_horizontal_pod_autoscaler_v2",
        "kubernetes_pod_disruption_budget_v1",
    }
    common = {
        name: {address for address in template.bodies if address.rpartition(".")[0] not in optional}
        for name, template in templates.items()
    }
    assert common["staging"]
    assert common["staging"] == common["prod"]
    assert not [a for stack in templates.values() for a in stack.bodies if "prod" in a or "staging" in a]

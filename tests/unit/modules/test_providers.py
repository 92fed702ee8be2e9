"""Values derived from a provider's source address and version."""

from modules.model.providers import PROVIDERS, Provider


def test_name_and_constraint_are_derived() -> None:
    provider = Provider(source="example/widgets", version=(1, 22, 3))
    assert provider.name == "widgets"
    assert provider.constraint == "1.22.3"


def test_no_two_providers_share_a_name() -> None:
    assert len({provider.name for provider in PROVIDERS}) == len(PROVIDERS)

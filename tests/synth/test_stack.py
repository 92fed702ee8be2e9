"""The whole stack: state, providers, versions, labels."""

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from modules.model.providers import AWS, KUBERNETES, POSTGRESQL, PROVIDERS, Provider
from modules.model.selected_settings import SHARED
from tests.conftest import synthesize
from tests.synth.template import Template


def test_the_state_is_encrypted_locked_and_bound_to_the_account(template: Template) -> None:
    backends = template.document["terraform"]["backend"]
    assert set(backends) == {"s3"}
    backend = backends["s3"]
    assert backend["encrypt"] is True
    assert backend["use_lockfile"] is True
    assert "dynamodb_table" not in backend
    assert backend["allowed_account_ids"] == [SHARED.account]
    assert backend["region"] == SHARED.region


def test_aws_is_refused_in_another_account(template: Template) -> None:
    (provider,) = template.document["provider"]["aws"]
    assert provider["allowed_account_ids"] == [SHARED.account]
    assert provider["region"] == SHARED.region


def test_every_used_provider_is_declared(template: Template) -> None:
    declared = set(template.document["terraform"]["required_providers"])
    assert declared == {provider.name for provider in PROVIDERS}
    assert set(template.document["provider"]) == declared
    # Terraform's own terraform_data needs no provider.
    used = {address.removeprefix("data.").removeprefix("ephemeral.").split("_")[0] for address in template.bodies}
    assert used - {"terraform"} == declared


@pytest.mark.parametrize(("provider", "version"), [(AWS, "5.100.0"), (KUBERNETES, "2.38.0"), (POSTGRESQL, "1.26.0")])
def test_each_provider_is_required_at_exactly_the_tested_version(
    template: Template, provider: Provider, version: str
) -> None:
    required = template.document["terraform"]["required_providers"][provider.name]
    # With the host: OpenTofu would use its own registry and leave a state that Terraform cannot initialize.
    assert required == {"source": f"registry.terraform.io/{provider.source}", "version": version}


def test_terraform_must_support_write_only_arguments(template: Template) -> None:
    """Write-only arguments came with 1.11."""
    required = SpecifierSet(template.document["terraform"]["required_version"])
    assert "1.11.0" in required
    assert "1.10.5" not in required


def test_kubernetes_objects_are_labelled_with_their_owner(template: Template, environment: str) -> None:
    assert template.kubernetes
    for address, metadata in template.kubernetes.items():
        assert (
            metadata["labels"].items()
            >= {
                "app.kubernetes.io/part-of": "mosaic-life",
                "app.kubernetes.io/managed-by": "cdktf",
                "environment": environment,
            }.items()
        ), address


def test_a_synthesis_runs_no_terraform(tmp_path: Path) -> None:
    """Some CDKTF constructs run it for its version, once per stack; a missing program would be an error."""
    synthesize(tmp_path, {"TERRAFORM_BINARY_NAME": "/nowhere/terraform"})

"""The providers' checksums, and the lock file that a stack gets from them."""

import json
import re
from pathlib import Path

import pytest

from modules.model.provider_lock import FILE, NAME, ProviderLockError, write_lock_file
from modules.model.providers import PROVIDERS


def _lock_file(folder: Path, **required: dict[str, str]) -> str:
    stack = folder / "cdk.tf.json"
    stack.write_text(json.dumps({"terraform": {"required_providers": required}}))
    write_lock_file(stack)
    return (folder / NAME).read_text()


def test_every_provider_has_checksums_at_the_version_that_the_stacks_require() -> None:
    blocks = re.findall(
        r'^provider "registry\.terraform\.io/(\S+)" {\n  version     = "(\S+)"\n  constraints = "(\S+)"\n(.*?)^}$',
        FILE.read_text(),
        re.M | re.S,
    )
    assert sorted(block[:3] for block in blocks) == sorted(
        (it.source, it.constraint, it.constraint) for it in PROVIDERS
    )
    for source, *_, hashes in blocks:
        # zh: checksum of the registry's archive; h1: checksum of its unpacked content, which a plan checks.
        for scheme in ("zh:[0-9a-f]{64}", "h1:[0-9A-Za-z+/]{43}="):
            assert re.search(rf'^    "{scheme}",$', hashes, re.M), f"{source} has no {scheme}"


def test_a_stack_locks_only_the_providers_it_requires(tmp_path: Path) -> None:
    text = _lock_file(
        tmp_path,
        aws={"source": "registry.terraform.io/hashicorp/aws", "version": "5.100.0"},
        postgresql={"source": "registry.terraform.io/cyrilgdn/postgresql", "version": "1.26.0"},
    )
    assert re.findall(r'^provider "(\S+)" {$', text, re.M) == [
        "registry.terraform.io/hashicorp/aws",
        "registry.terraform.io/cyrilgdn/postgresql",
    ]


def test_a_provider_without_checksums_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProviderLockError) as refused:
        _lock_file(tmp_path, aws={"source": "registry.terraform.io/hashicorp/aws", "version": "6.0.0"})
    assert str(refused.value).startswith(
        "providers.lock.hcl has no checksums of registry.terraform.io/hashicorp/aws 6.0.0, "
        f"which {tmp_path.name} requires; it has "
    )
    assert "registry.terraform.io/hashicorp/aws 5.100.0" in str(refused.value)

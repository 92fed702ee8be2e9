"""The Terraform providers of the stacks, each at exactly the version that the tests cover.

A provider's newest version would be tried first on production: its plan runs before anyone has read what changed.
docs/decisions/2026-11-28-providers-pinned.md says how to raise a version.
"""

from dataclasses import dataclass

Version = tuple[int, int, int]

# Written out in each stack: OpenTofu completes a source without a host with its own registry, and a state that it
# applied then names providers that Terraform does not have (docs/exits.md).
REGISTRY = "registry.terraform.io"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider by its ``source`` address, such as ``hashicorp/aws``, and its only version."""

    source: str
    version: Version

    @property
    def name(self) -> str:
        """The local name under which a stack requires it: the last part of the source, such as ``aws``."""
        return self.source.rpartition("/")[2]

    @property
    def address(self) -> str:
        """The source with its host, as in states and lock files: ``registry.terraform.io/hashicorp/aws``."""
        return f"{REGISTRY}/{self.source}"

    @property
    def constraint(self) -> str:
        """The version as Terraform's constraint: ``5.100.0``, and no other."""
        return version_text(self.version)


def version_text(version: Version) -> str:
    """Return ``5.100.0`` for ``(5, 100, 0)``."""
    return ".".join(map(str, version))


AWS = Provider(source="hashicorp/aws", version=(5, 100, 0))
KUBERNETES = Provider(source="hashicorp/kubernetes", version=(2, 38, 0))
POSTGRESQL = Provider(source="cyrilgdn/postgresql", version=(1, 26, 0))
PROVIDERS = (AWS, KUBERNETES, POSTGRESQL)

"""The Terraform providers of the stacks, and the versions of each that the tests cover."""

from dataclasses import dataclass

Version = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider by its ``source`` address, such as ``hashicorp/aws``, and its range of versions.

    ``oldest``: the first version of the range; ``below``: the first one after it.
    """

    source: str
    oldest: Version
    below: Version

    @property
    def name(self) -> str:
        """The local name under which a stack requires it: the last part of the source, such as ``aws``."""
        return self.source.rpartition("/")[2]

    @property
    def constraint(self) -> str:
        """The range as Terraform writes it: ``>= 5.100.0, < 7.0.0``."""
        return f">= {version_text(self.oldest)}, < {version_text(self.below)}"


def version_text(version: Version) -> str:
    """Return ``5.100.0`` for ``(5, 100, 0)``."""
    return ".".join(map(str, version))


AWS = Provider(source="hashicorp/aws", oldest=(5, 100, 0), below=(7, 0, 0))
KUBERNETES = Provider(source="hashicorp/kubernetes", oldest=(2, 38, 0), below=(3, 0, 0))
POSTGRESQL = Provider(source="cyrilgdn/postgresql", oldest=(1, 26, 0), below=(2, 0, 0))
PROVIDERS = (AWS, KUBERNETES, POSTGRESQL)

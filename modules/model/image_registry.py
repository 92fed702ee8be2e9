"""The account's image registry, read from its host name."""

import re
from dataclasses import dataclass

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
_HOST = re.compile(r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")


@dataclass(frozen=True, kw_only=True)
class EcrRegistry:
    """A private registry of Amazon ECR by its account and region."""

    account: str
    region: str

    @classmethod
    def of(cls, host: str) -> "EcrRegistry | None":
        """Return the registry with this host name; None if it is not an ECR host."""
        found = _HOST.fullmatch(host)
        return cls(account=found["account"], region=found["region"]) if found else None

    def repository_arn(self, repository: str) -> str:
        """Return the ARN of a repository of the registry."""
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{repository}"

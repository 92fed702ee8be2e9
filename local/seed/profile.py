"""The accounts that the local cloud can hold, each with how its environments were created."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lightkube import Client

from environments.schema.catalogue import Catalogue
from local.aws.clients import AwsClients
from local.postgresql.server import Postgres
from local.seed import built, designed


class SeedAws(Protocol):
    """Creates buckets, secrets and roles."""

    def __call__(self, aws: AwsClients, settings: Catalogue, *, database_port: int) -> None:
        """database_port: where PostgreSQL listens."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What exists before this project deploys anything; each step creates what is missing."""

    seed_aws: SeedAws
    seed_database: Callable[[Postgres, AwsClients, Catalogue], None]
    seed_kubernetes: Callable[[Client, Catalogue], None]


# By the names of modules/model/selected_settings.py.
PROFILES: Mapping[str, Profile] = {
    "built": Profile(seed_aws=built.seed_aws, seed_database=built.seed_database, seed_kubernetes=built.seed_kubernetes),
    "designed": Profile(
        seed_aws=designed.seed_aws, seed_database=designed.seed_database, seed_kubernetes=designed.seed_kubernetes
    ),
}

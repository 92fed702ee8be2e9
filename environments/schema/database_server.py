"""The PostgreSQL server that all environments share: which one it is, and where its administrator's login is stored."""

from typing import Literal

from environments.schema.base import Settings
from environments.schema.formats import RdsIdentifier, SecretPath

OLDEST_POSTGRESQL = 16
WHY_NO_OLDER_POSTGRESQL = (
    "before it, a role that may create roles reaches every role of the server, so that the deploys of one environment "
    "could seize another's database"
)


class DatabaseServer(Settings):
    """An RDS instance or an Aurora cluster, PostgreSQL 16 or newer.

    kind: ``instance``, or ``cluster`` for Aurora. name: its identifier in RDS (an Aurora cluster's own, not that of one
    of its instances). administrator_secret: the path of the secret that holds the login of the server's administrator
    as JSON, with ``username`` and ``password``; None if RDS itself keeps that login (``master_user_secret``).
    """

    kind: Literal["instance", "cluster"]
    name: RdsIdentifier
    administrator_secret: SecretPath | None = None

    @property
    def engine(self) -> str:
        """RDS's engine name for a server of this kind."""
        return "aurora-postgresql" if self.kind == "cluster" else "postgres"

    @property
    def title(self) -> str:
        """Its kind and name, for a message."""
        return f"{'Aurora cluster' if self.kind == 'cluster' else 'RDS instance'} {self.name}"

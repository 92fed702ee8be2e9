"""Where changes are made by hand: one deployed environment, and the servers that it runs on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from lightkube import ApiError
from lightkube.core.resource import Resource
from lightkube.types import CascadeType, PatchType
from psycopg import sql

from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.live.project import Project


@dataclass(frozen=True)
class DriftTarget:
    """One environment of a project, with the permissions of the account's administrators."""

    project: Project
    environment: str

    @property
    def names(self) -> Names:
        """Its physical names."""
        return self.names_of(self.environment)

    @staticmethod
    def names_of(environment: str) -> Names:
        """Return the physical names of an environment."""
        return Names.of(SETTINGS.find(environment), SHARED)

    @property
    def administrator(self) -> str:
        """The database instance's administrator."""
        return self.project.database_server.administrator

    def aws(self, service: str) -> Any:  # noqa: ANN401 each service has a class of its own
        """Return a client of one of the AWS APIs."""
        return self.project.client(service)

    def run_sql(self, statement: str, **names: str) -> None:
        """Run a statement as the administrator; each name replaces {name} in it, quoted."""
        with self.project.administrator() as connection:
            identifiers = {name: sql.Identifier(value) for name, value in names.items()}
            connection.execute(sql.SQL(statement).format(**identifiers))

    def logs_in(self) -> bool:
        """Return whether the database accepts the role's stored password."""
        try:
            self.project.login(self.names.database_credentials, self.names.database).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                raise
            return False
        return True

    def read(self, kind: type[Resource], name: str, *path: str | int) -> Any:  # noqa: ANN401 any part of an object
        """Return the value at this path of a Kubernetes object, or None if there is no value or no object."""
        client: Any = self.project.kubernetes
        try:
            found = client.get(kind, name, **self._in(kind)).to_dict()
        except ApiError as error:
            if error.status.code != 404:
                raise
            return None
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError):
                return None
        return found

    def patch(self, kind: type[Resource], name: str, change: Mapping[str, object] | Sequence[object]) -> None:
        """Change a Kubernetes object as ``kubectl patch`` does: by its fields, or by JSON patch operations."""
        client: Any = self.project.kubernetes
        how = PatchType.MERGE if isinstance(change, Mapping) else PatchType.JSON
        client.patch(kind, name, change, patch_type=how, **self._in(kind))

    def delete(self, kind: type[Resource], name: str) -> None:
        """Delete a Kubernetes object and what it owns."""
        client: Any = self.project.kubernetes
        client.delete(kind, name, cascade=CascadeType.FOREGROUND, **self._in(kind))

    def _in(self, kind: type[Resource]) -> dict[str, str]:
        return {} if kind.__name__ == "Namespace" else {"namespace": self.names.namespace}

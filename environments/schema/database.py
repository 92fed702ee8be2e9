"""An environment's database on the shared server, and its names: from the settings, or derived."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from environments.schema.base import Settings
from environments.schema.formats import DatabaseName, SecretPath, Version

if TYPE_CHECKING:
    from environments.schema.settings import Environment, Shared


class Database(Settings):
    """The environment's database on the shared server.

    name, role, credentials_path: of the database, the login that owns it and the secret with its password; by default
    derived from the environment's name (``DatabaseNames``). credentials_version: increase by one to rotate the
    password. login_version: increase by one to rotate the logins of deploys and plans, which bootstrap creates.
    extensions: created by bootstrap before the migrations, such as ("vector",); none by default.
    """

    name: DatabaseName | None = None
    role: DatabaseName | None = None
    credentials_path: SecretPath | None = None
    credentials_version: Version = 1
    login_version: Version = 1
    extensions: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")], ...] = ()


@dataclass(frozen=True, kw_only=True)
class DatabaseNames:
    """The names of an environment's database and its login, and the path of its credentials."""

    database: str
    role: str
    credentials_path: str

    @classmethod
    def of(cls, environment: "Environment", shared: "Shared") -> "DatabaseNames":
        """Return the names in the environment's settings, or the derived ones."""
        given, word = environment.database, environment.name.replace("-", "_")
        return cls(
            database=given.name or f"core_{word}",
            role=given.role or f"{shared.project.replace('-', '_')}_{word}",
            credentials_path=given.credentials_path or f"{shared.project}/{environment.name}/rds/credentials",
        )

"""The Secrets that the applications' pods read: names, keys and the annotations that restart pods after a rotation."""

from dataclasses import dataclass
from typing import Self

from environments.schema.settings import Shared
from modules.model.kubernetes.secret import Secret
from modules.model.names import Names

# Pods read a Secret when they start. Each of these annotations of core-api's pods holds the version id of a secret, so
# that a new value is a rollout.
DATABASE_ANNOTATION = "mosaic-life/database-credentials"
SESSION_ANNOTATION = "mosaic-life/session-key"


def _escaped(field: str) -> str:
    # urlquery escapes for a query, where a space may be a plus; in a URL's user part it must be %20.
    return f'{{{{ .{field} | urlquery | replace "+" "%20" }}}}'


DATABASE_URL = (
    f"postgresql+psycopg://{_escaped('username')}:{_escaped('password')}"
    "@{{ .host }}:{{ .port }}/{{ .dbname }}?sslmode=require"
)


@dataclass(frozen=True, kw_only=True)
class ApplicationSecrets:
    """database-credentials (DB_URL), session-secret (secret-key) and google-oauth (client-id, client-secret)."""

    database: Secret
    session: Secret
    google_oauth: Secret

    @classmethod
    def of(cls, names: Names, shared: Shared) -> Self:
        """The Secrets of the environment with these names."""
        return cls(
            database=Secret(
                name="database-credentials",
                path=names.database_credentials,
                properties={field: field for field in ("host", "port", "username", "password", "dbname")},
                templates={"DB_URL": DATABASE_URL},
            ),
            session=Secret(name="session-secret", path=names.session_key, properties={"secret-key": "secret-key"}),
            google_oauth=Secret(
                name="google-oauth",
                path=shared.google_oauth_secret,
                properties={"client-id": "client-id", "client-secret": "client-secret"},
            ),
        )

"""The Kubernetes Secrets of an environment, each filled from Secrets Manager."""

from collections.abc import Mapping

from constructs import Construct

from environments.settings import Shared
from modules.generated_secret import GeneratedSecret
from modules.kubernetes.external_secret import ExternalSecret


def _escaped(field: str) -> str:
    # urlquery escapes for a query, where a space may be a plus; in a URL's user part it must be %20.
    return f'{{{{ .{field} | urlquery | replace "+" "%20" }}}}'


DATABASE_URL = (
    f"postgresql+psycopg://{_escaped('username')}:{_escaped('password')}"
    "@{{ .host }}:{{ .port }}/{{ .dbname }}?sslmode=require"
)


class EnvironmentSecrets(Construct):
    """database-credentials (DB_URL), session-secret (secret-key) and google-oauth (client-id, client-secret).

    namespace, labels: of all. database, session: what the environment generates. Outputs: the keys that a container
    refers to.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        namespace: str,
        labels: Mapping[str, str],
        database: GeneratedSecret,
        session: GeneratedSecret,
        shared: Shared,
    ) -> None:
        super().__init__(scope, id_)
        credentials = ExternalSecret(
            self,
            "database-credentials",
            name="database-credentials",
            namespace=namespace,
            labels=labels,
            store=shared.cluster_secret_store,
            path=database.path,
            properties={field: field for field in ("host", "port", "username", "password", "dbname")},
            templates={"DB_URL": DATABASE_URL},
            stored=database.stored,
        )
        session_secret = ExternalSecret(
            self,
            "session-secret",
            name="session-secret",
            namespace=namespace,
            labels=labels,
            store=shared.cluster_secret_store,
            path=session.path,
            properties={"secret-key": "secret-key"},
            stored=session.stored,
        )
        google_oauth = ExternalSecret(
            self,
            "google-oauth",
            name="google-oauth",
            namespace=namespace,
            labels=labels,
            store=shared.cluster_secret_store,
            path=shared.google_oauth_secret,
            properties={"client-id": "client-id", "client-secret": "client-secret"},
        )
        self.database_url = credentials.key("DB_URL")
        self.session_key = session_secret.key("secret-key")
        self.google_client_id = google_oauth.key("client-id")
        self.google_client_secret = google_oauth.key("client-secret")

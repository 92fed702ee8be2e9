"""What an environment holds that nobody may lose."""

from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from psycopg import sql

from modules.model.names import Names
from tests.live.project import Project


@dataclass(frozen=True)
class DataSnapshot:
    """An environment's data and identities; equal before and after whatever may not touch them.

    Of a secret's value only the hash: a test that fails prints what it compared. A secret that does not exist is
    left out.
    """

    objects: dict[str, bytes]
    secrets: dict[str, str]
    rows: list[tuple[object, ...]]
    owner: list[tuple[object, ...]]
    role_id: str
    namespace_uid: str

    @classmethod
    def of(cls, project: Project, names: Names) -> "DataSnapshot":
        """Ask the cloud what the environment of these names holds now."""
        s3, secrets, iam = project.client("s3"), project.client("secretsmanager"), project.client("iam")
        return cls(
            objects={
                f"{bucket}/{item['Key']}?{item['VersionId']}": s3.get_object(
                    Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"]
                )["Body"].read()
                for bucket in (names.media_bucket, names.backups_bucket)
                for item in s3.list_object_versions(Bucket=bucket).get("Versions", [])
            },
            secrets={name: digest for name in names.secret_paths if (digest := cls.digest(secrets, name))},
            rows=_rows(project, names),
            owner=project.sql("SELECT oid, datdba FROM pg_database WHERE datname = %s", names.database),
            role_id=iam.get_role(RoleName=names.core_api_role)["Role"]["RoleId"],
            namespace_uid=project.namespaces()[names.namespace],
        )

    @staticmethod
    def digest(secrets: Any, path: str) -> str | None:  # noqa: ANN401 boto3's client
        """The hash of a secret's value; None where there is none."""
        with suppress(secrets.exceptions.ResourceNotFoundException):
            return sha256(secrets.get_secret_value(SecretId=path)["SecretString"].encode()).hexdigest()
        return None

    def without_secrets(self) -> "DataSnapshot":
        """All but the secrets' values, which a rotation replaces."""
        return replace(self, secrets={})

    def without_new_secrets(self, earlier: "DataSnapshot") -> "DataSnapshot":
        """All but the secrets that the earlier snapshot does not have."""
        return replace(self, secrets={name: digest for name, digest in self.secrets.items() if name in earlier.secrets})


def _rows(project: Project, names: Names) -> list[tuple[object, ...]]:
    """Every row of the application's tables, read as it logs in; not which migrations have run."""
    own = names.database_credentials
    login = own if DataSnapshot.digest(project.client("secretsmanager"), own) else project.administrator_secret
    with project.login(login, names.database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return [
            (name, *row)
            for (name,) in tables
            if name != "alembic_version"
            for row in connection.execute(
                sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(name))
            ).fetchall()
        ]

"""The data of an environment that must never be lost."""

from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from psycopg import sql

from modules.model.names import Names
from tests.live.project import Project


@dataclass(frozen=True)
class DataSnapshot:
    """An environment's data and identities, to compare before and after an operation that must not change them.

    Secret values are stored as hashes, because a failing test prints what it compared. Missing secrets are left out.
    """

    objects: dict[str, bytes]
    secrets: dict[str, str]
    rows: list[tuple[object, ...]]
    owner: list[tuple[object, ...]]
    role_id: str
    namespace_uid: str

    @classmethod
    def of(cls, project: Project, names: Names) -> "DataSnapshot":
        """Read the current data of the environment with these names."""
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
        """Return the hash of a secret's value, or None if there is none."""
        with suppress(secrets.exceptions.ResourceNotFoundException):
            return sha256(secrets.get_secret_value(SecretId=path)["SecretString"].encode()).hexdigest()
        return None

    def without_secrets(self) -> "DataSnapshot":
        """Return everything except the secrets' values, which a rotation replaces."""
        return replace(self, secrets={})

    def without_new_secrets(self, earlier: "DataSnapshot") -> "DataSnapshot":
        """Return everything except the secrets that the earlier snapshot does not have."""
        return replace(self, secrets={name: digest for name, digest in self.secrets.items() if name in earlier.secrets})


def _rows(project: Project, names: Names) -> list[tuple[object, ...]]:
    """Return every row of the application's tables, read with its login, except the record of migrations."""
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

"""The production that was made by hand before this project: what the first deploy of prod adopts.

It differs from what the project would have made, as made by hand is: no lifecycle rules, a trust policy without an
audience, a namespace without labels, a database that PUBLIC may connect to.
"""

import secrets
from contextlib import suppress

import psycopg
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace
from psycopg import sql

from environments.schema import catalogue
from environments.shared import SHARED
from local.aws.clients import AwsClients
from local.kubernetes.client import create_if_absent
from local.kubernetes.control_plane import OIDC_ISSUER
from local.postgresql.server import Postgres
from local.runtime.ports import HOST
from local.seed.account import create_bucket, create_secret, database_administrator, policy, read_secret
from modules.model.names import Names

# The objects' keys with the number of versions of each.
_MEDIA = {"stories/1/cover.jpg": 2, "stories/1/voice.m4a": 1, "avatars/7.png": 1}
_BACKUPS = {"core_prod/2026-11-01.dump": 1, "core_prod/2026-11-02.dump": 1}
_OBJECT_BYTES = 2048
_STORIES = ("How the orchard was planted", "Letters from the lighthouse", "The winter of the long train")


def production_names() -> Names:
    """Return the names that production was given by hand."""
    return Names.of(catalogue.find("prod"), SHARED)


def seed_aws(aws: AwsClients, *, database_port: int) -> None:
    """Create production's buckets with objects, its secrets and its IAM role, those that are absent."""
    names = production_names()
    for bucket, objects in {names.media_bucket: _MEDIA, names.backups_bucket: _BACKUPS}.items():
        create_bucket(aws, bucket)
        if aws.s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0:
            for key, versions in objects.items():
                for _ in range(versions):
                    aws.s3.put_object(Bucket=bucket, Key=key, Body=secrets.token_bytes(_OBJECT_BYTES))
    create_secret(
        aws,
        names.database_credentials,
        {
            "host": HOST,
            "port": str(database_port),
            "username": names.database_role,
            "password": secrets.token_urlsafe(32),
            "dbname": names.database,
        },
    )
    # No internal API token: production's applications of that time asked for none.
    create_secret(aws, names.session_key, {"secret-key": secrets.token_urlsafe(48)})
    _create_role(aws)


def seed_database(postgres: Postgres, aws: AwsClients) -> None:
    """Create production's role, with the password in its secret, and its database with rows, those that are absent."""
    names = production_names()
    owner = read_secret(aws, names.database_credentials)
    administrator = database_administrator(aws)
    role, database = sql.Identifier(names.database_role), sql.Identifier(names.database)
    with postgres.connect(
        user=administrator["username"], password=administrator["password"], database="postgres"
    ) as connection:
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [names.database_role]).fetchone() is None:
            password = sql.Literal(owner["password"])
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [names.database]).fetchone() is None:
            # Only a member may create a database for the role; by hand, one leaves no trace of it.
            me = sql.Identifier(administrator["username"])
            connection.execute(sql.SQL("GRANT {} TO {}").format(role, me))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
            connection.execute(sql.SQL("REVOKE {} FROM {}").format(role, me))
    with (
        postgres.connect(user=owner["username"], password=owner["password"], database=owner["dbname"]) as connection,
        connection.transaction(),
    ):
        _create_rows(connection)


def seed_kubernetes(client: Client) -> None:
    """Create production's namespace if it is absent."""
    create_if_absent(client, Namespace(metadata=ObjectMeta(name=production_names().namespace)))


def _create_role(aws: AwsClients) -> None:
    names = production_names()
    issuer = OIDC_ISSUER.removeprefix("https://")
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{SHARED.account}:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{issuer}:sub": f"system:serviceaccount:{names.namespace}:*"}},
    }
    buckets = (names.media_bucket, names.backups_bucket)
    permissions = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{bucket}{part}" for bucket in buckets for part in ("", "/*")],
    }
    with suppress(aws.iam.exceptions.EntityAlreadyExistsException):
        aws.iam.create_role(RoleName=names.core_api_role, AssumeRolePolicyDocument=policy(trust))
    aws.iam.put_role_policy(RoleName=names.core_api_role, PolicyName="storage", PolicyDocument=policy(permissions))


def _create_rows(connection: psycopg.Connection) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS stories ("
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL UNIQUE, "
        "created_at timestamptz NOT NULL DEFAULT now())"
    )
    for title in _STORIES:
        connection.execute("INSERT INTO stories (title) VALUES (%s) ON CONFLICT DO NOTHING", [title])

"""The account as built: both environments run, created by CDK stacks and delivered by Argo CD, next to neighbours.

The application's and the GitOps repository describe it (mosaic-stories/mosaic-life at 80d2e05, mosaic-stories/gitops at
4f831a8). It differs from what this project creates: roles with more permissions and a wider trust, buckets with CORS
for every host, production's database owned by the server's administrator, no login of its own.
"""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress

from lightkube import Client
from psycopg import sql

from environments.schema.catalogue import Catalogue
from environments.schema.settings import Environment, Shared
from local.aws.clients import AwsClients
from local.kubernetes.client import create_if_absent
from local.postgresql.server import Postgres
from local.seed.account import database_administrator
from local.seed.aws_objects import Statement, create_bucket, create_secret, create_service_account_role
from local.seed.built_workloads import delivered_objects
from local.seed.contents import MEDIA, create_rows, put_objects
from modules.model.capabilities import permissions_of
from modules.model.names import Names

_ENVIRONMENTS = ("prod", "staging")
# The revision that the owner's migrations had reached by that commit.
_REVISION = "6a4b21705b13"
_BACKUPS = {"mosaic/2026-11-01.dump": 1, "mosaic/2026-11-02.dump": 1}
# The actions of CDK's grantReadWrite.
_READ_WRITE = (
    "s3:Abort*",
    "s3:DeleteObject*",
    "s3:GetBucket*",
    "s3:GetObject*",
    "s3:List*",
    "s3:PutObject",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
)


def seed_aws(aws: AwsClients, settings: Catalogue, *, database_port: int) -> None:  # noqa: ARG001 as every account's
    """Create what CloudFormation created for both environments, and GitHub's identity provider, if missing."""
    with suppress(aws.iam.exceptions.EntityAlreadyExistsException):
        aws.iam.create_open_id_connect_provider(
            Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"]
        )
    for name in _ENVIRONMENTS:
        environment = settings.find(name)
        names = Names.of(environment, settings.shared)
        tags = _tags(name)
        for bucket in (names.media_bucket, names.backups_bucket):
            create_bucket(aws, bucket, tags)
        create_secret(aws, names.session_key, {"secret-key": secrets.token_urlsafe(48)}, tags)
        neptune = {"host": "mosaic.cluster-example.us-east-1.neptune.amazonaws.com", "port": "8182"}
        create_secret(
            aws,
            f"{settings.shared.project}/{name}/neptune/connection",
            {**neptune, "region": settings.shared.region, "iam_auth": "true", "env_prefix": name},
            tags,
        )
        _create_role(aws, environment, settings.shared, names)
    prod = Names.of(settings.find("prod"), settings.shared)
    put_objects(aws, prod.media_bucket, MEDIA)
    put_objects(aws, prod.backups_bucket, _BACKUPS)
    (token,) = (path for path in prod.generated_secrets if path.endswith("/internal-api/token"))
    create_secret(aws, token, {"token": secrets.token_urlsafe(48)})


def seed_database(postgres: Postgres, aws: AwsClients, settings: Catalogue) -> None:
    """Create production's database with rows, if missing: the application uses it as the administrator."""
    login = database_administrator(aws, settings.shared)
    user, password = login["username"], login["password"]
    database = Names.of(settings.find("prod"), settings.shared).database
    with postgres.connect(user=user, password=password, database="postgres") as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    with postgres.connect(user=user, password=password, database=database) as connection, connection.transaction():
        for extension in ("vector", "uuid-ossp", "pg_trgm"):
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        create_rows(connection)
        connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES (%s) ON CONFLICT DO NOTHING", [_REVISION])


def seed_kubernetes(client: Client, settings: Catalogue) -> None:
    """Create the Applications, what they deliver, and the neighbours, if missing."""
    for name in _ENVIRONMENTS:
        for item in delivered_objects(settings.find(name), settings.shared):
            create_if_absent(client, item)


def _create_role(aws: AwsClients, environment: Environment, shared: Shared, names: Names) -> None:
    """Create the role of core-api's pods, which pods of a pull request's preview also assume."""
    previews = "preview-*" if environment.protected else "preview-pr-*"
    subjects = [f"system:serviceaccount:{namespace}:core-api" for namespace in (names.namespace, previews)]
    create_service_account_role(
        aws,
        shared,
        names.core_api_role,
        trusted={"StringEquals": {"aud": "sts.amazonaws.com"}, "StringLike": {"sub": subjects}},
        policies={"CoreApiRoleDefaultPolicy": _permissions(environment, shared, names)},
        tags=_tags(environment.name),
    )


def _permissions(environment: Environment, shared: Shared, names: Names) -> Sequence[Statement]:
    secret = f"arn:aws:secretsmanager:{shared.region}:{shared.account}:secret:{shared.project}/{environment.name}"
    buckets = [f"arn:aws:s3:::{bucket}" for bucket in (names.media_bucket, names.backups_bucket)]
    capabilities = permissions_of(environment, shared, names)
    return [
        {
            "Effect": "Allow",
            "Action": _READ_WRITE,
            "Resource": [it for bucket in buckets for it in (bucket, f"{bucket}/*")],
        },
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [f"{secret}/*"]},
        # Without the condition on the sender that the settings' capability has.
        {"Effect": "Allow", "Action": ["ses:SendEmail", "ses:SendRawEmail"], "Resource": ["*"]},
        *(statement for name, statements in capabilities.items() if name != "ses" for statement in statements),
    ]


def _tags(environment: str) -> Mapping[str, str]:
    """On AWS nobody can set CloudFormation's own tags by hand; here they can be set, and show who created an object."""
    stack = "MosaicLifeStack" if environment == "prod" else "MosaicStagingResourcesStack"
    return {"aws:cloudformation:stack-name": stack, "Environment": environment}

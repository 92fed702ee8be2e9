"""The account as it was designed: one production, created by hand before this project, which the first deploy adopts.

It differs from what the project would create, as handmade things do: no lifecycle rules, a trust policy without an
audience, a namespace without labels, a database that PUBLIC may connect to.
"""

import secrets

from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.networking_v1 import (
    HTTPIngressPath,
    HTTPIngressRuleValue,
    IngressBackend,
    IngressRule,
    IngressServiceBackend,
    IngressSpec,
    ServiceBackendPort,
)
from lightkube.resources.core_v1 import Namespace
from lightkube.resources.networking_v1 import Ingress
from psycopg import sql

from environments.schema.catalogue import Catalogue
from environments.schema.settings import Shared
from local.aws.clients import AwsClients
from local.kubernetes.client import create_if_absent
from local.postgresql.server import Postgres
from local.runtime.ports import HOST
from local.seed.account import database_administrator
from local.seed.aws_objects import create_bucket, create_secret, create_service_account_role, read_secret
from local.seed.contents import MEDIA, create_rows, put_objects
from modules.model.names import Names

# The objects' keys, with the number of versions of each.
_BACKUPS = {"core_prod/2026-11-01.dump": 1, "core_prod/2026-11-02.dump": 1}


def seed_aws(aws: AwsClients, settings: Catalogue, *, database_port: int) -> None:
    """Create production's buckets with objects, its secrets and its IAM role, if missing."""
    names = _names(settings)
    for bucket, objects in {names.media_bucket: MEDIA, names.backups_bucket: _BACKUPS}.items():
        create_bucket(aws, bucket)
        put_objects(aws, bucket, objects)
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
    # No internal API token: production's applications did not use one at that time.
    create_secret(aws, names.session_key, {"secret-key": secrets.token_urlsafe(48)})
    buckets = [f"arn:aws:s3:::{bucket}" for bucket in (names.media_bucket, names.backups_bucket)]
    create_service_account_role(
        aws,
        settings.shared,
        names.core_api_role,
        trusted={"StringLike": {"sub": f"system:serviceaccount:{names.namespace}:core-api"}},
        policies={
            "storage": [
                {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": buckets},
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject"],
                    "Resource": [f"{bucket}/*" for bucket in buckets],
                },
            ]
        },
    )


def seed_database(postgres: Postgres, aws: AwsClients, settings: Catalogue) -> None:
    """Create production's role, with the password from its secret, and its database with rows, if missing."""
    names = _names(settings)
    owner = read_secret(aws, names.database_credentials)
    administrator = database_administrator(aws, settings.shared)
    role, database = sql.Identifier(names.database_role), sql.Identifier(names.database)
    with postgres.connect(
        user=administrator["username"], password=administrator["password"], database="postgres"
    ) as connection:
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [names.database_role]).fetchone() is None:
            password = sql.Literal(owner["password"])
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [names.database]).fetchone() is None:
            # Only a member may create a database for the role; a person would revoke the membership afterwards.
            me = sql.Identifier(administrator["username"])
            connection.execute(sql.SQL("GRANT {} TO {}").format(role, me))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
            connection.execute(sql.SQL("REVOKE {} FROM {}").format(role, me))
    with (
        postgres.connect(user=owner["username"], password=owner["password"], database=owner["dbname"]) as connection,
        connection.transaction(),
    ):
        create_rows(connection)


def seed_kubernetes(client: Client, settings: Catalogue) -> None:
    """Create production's namespace and Argo CD's ingress, if missing."""
    create_if_absent(client, Namespace(metadata=ObjectMeta(name=_names(settings).namespace)))
    create_if_absent(client, _ingress(settings.shared))


def _ingress(shared: Shared) -> Ingress:
    """Argo CD's ingress, which keeps the shared load balancer: the controller deletes it with its last ingress."""
    name = "argocd-server"
    settings = {"group.name": shared.load_balancer_group, "scheme": "internet-facing", "target-type": "ip"}
    annotations = {f"alb.ingress.kubernetes.io/{key}": value for key, value in settings.items()}
    service = IngressServiceBackend(name=name, port=ServiceBackendPort(number=80))
    rule = IngressRule(
        host=f"argocd.{shared.domain}",
        http=HTTPIngressRuleValue(
            paths=[HTTPIngressPath(path="/", pathType="Prefix", backend=IngressBackend(service=service))]
        ),
    )
    return Ingress(
        metadata=ObjectMeta(name=name, namespace=shared.argocd.namespace, annotations=annotations),
        spec=IngressSpec(ingressClassName=shared.ingress_class, rules=[rule]),
    )


def _names(settings: Catalogue) -> Names:
    return Names.of(settings.find("prod"), settings.shared)

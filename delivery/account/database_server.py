"""RDS's description of the database server that the settings name: an instance or an Aurora cluster."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.error import CheckError
from delivery.account.session import CALLS
from environments.schema.database_server import DatabaseServer as Settings

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import DBClusterTypeDef, DBInstanceTypeDef

_ABSENT = {"DBInstanceNotFound", "DBInstanceNotFoundFault", "DBClusterNotFoundFault"}


class DatabaseServerError(CheckError):
    """The server does not exist, or is of another kind than the settings say; the message says what to set.

    found: what exists instead. allowed: fields of ``database_server`` that would match.
    """

    def __init__(self, found: str, *, given: str, allowed: str, hint: str = "") -> None:
        super().__init__(f"{found}: {given} (environments/shared.py); allowed: {hint or allowed}", lasting=True)
        self.found = found
        self.allowed = allowed


@dataclass(frozen=True, kw_only=True)
class DatabaseServer:
    """A server as RDS describes it.

    engine, version: RDS's values, such as ``postgres`` and ``16.10``. host, port: for a cluster, those of its writer.
    administrator: the user's name. administrator_secret: the ARN or path of the secret with that login; None if neither
    the settings nor RDS name one.
    """

    engine: str
    version: str
    host: str
    port: int
    administrator: str
    administrator_secret: str | None


def read_database_server(session: boto3.Session, settings: Settings) -> DatabaseServer:
    """Ask RDS for the server. Raises DatabaseServerError; ClientError or BotoCoreError if RDS does not answer."""
    return describe_database_server(session.client("rds", config=CALLS), settings)


def describe_database_server(rds: "RDSClient", settings: Settings) -> DatabaseServer:
    """The same, with this RDS client."""
    if settings.kind == "cluster" and (cluster := _cluster(rds, settings.name)):
        return DatabaseServer(
            engine=cluster["Engine"],
            version=cluster["EngineVersion"],
            host=cluster["Endpoint"],
            port=cluster["Port"],
            administrator=cluster["MasterUsername"],
            administrator_secret=settings.administrator_secret or cluster.get("MasterUserSecret", {}).get("SecretArn"),
        )
    instance = _instance(rds, settings.name) if settings.kind == "instance" else None
    member_of = instance.get("DBClusterIdentifier") if instance else None
    if instance is None or member_of:
        raise _problem(rds, settings, member_of)
    return DatabaseServer(
        engine=instance["Engine"],
        version=instance["EngineVersion"],
        host=instance["Endpoint"]["Address"],
        port=instance["Endpoint"]["Port"],
        administrator=instance["MasterUsername"],
        administrator_secret=settings.administrator_secret or instance.get("MasterUserSecret", {}).get("SecretArn"),
    )


def _problem(rds: "RDSClient", settings: Settings, member_of: str | None) -> DatabaseServerError:
    """What is wrong with the settings and what to change, as far as RDS lets the caller see it."""
    given = f'database_server=DatabaseServer(kind="{settings.kind}", name="{settings.name}")'
    instance = cluster = None
    # An environment's roles may only describe the server that its settings name.
    with suppress(BotoCoreError, ClientError):
        if settings.kind == "cluster":
            instance = _instance(rds, settings.name)
        else:
            cluster = _cluster(rds, settings.name)
    member_of = member_of or (instance.get("DBClusterIdentifier") if instance else None)
    if member_of:
        found, kind, name = f"an instance of Aurora cluster {member_of}", "cluster", member_of
    elif instance:
        found, kind, name = "an RDS instance", "instance", settings.name
    elif cluster:
        found, kind, name = "an Aurora cluster", "cluster", settings.name
    else:
        return DatabaseServerError(
            f"there is no {settings.title}",
            given=given,
            allowed='kind=..., name="..."',
            hint='the identifier of an existing server, with kind="instance", or kind="cluster" for Aurora',
        )
    return DatabaseServerError(f"{settings.name} is {found}", given=given, allowed=f'kind="{kind}", name="{name}"')


def _instance(rds: "RDSClient", name: str) -> "DBInstanceTypeDef | None":
    try:
        return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    except ClientError as error:
        _raise_unless_absent(error)
        return None


def _cluster(rds: "RDSClient", name: str) -> "DBClusterTypeDef | None":
    try:
        return rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    except ClientError as error:
        _raise_unless_absent(error)
        return None


def _raise_unless_absent(error: ClientError) -> None:
    if error.response["Error"]["Code"] not in _ABSENT:
        raise error

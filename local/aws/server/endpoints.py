"""Makes moto's EKS and RDS return the servers that really run here, instead of invented AWS addresses."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends
from moto.eks.models import Cluster
from moto.rds.models import DBCluster, DBInstance, MasterUserSecret


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The real servers.

    ``kubernetes_url``: the API server; ``kubernetes_authority``: base64 of the PEM that verifies its certificate;
    ``oidc_issuer``: the issuer in its service accounts' tokens; ``database_host``: where PostgreSQL listens (its port
    is the instance's own, set when the instance is created).
    """

    kubernetes_url: str
    kubernetes_authority: str
    oidc_issuer: str
    database_host: str


def install(endpoints: Endpoints) -> None:
    """Give every EKS cluster and RDS server of this process these endpoints, restored ones included.

    An RDS-managed password is random instead of moto's constant, and its user is the instance's.
    """
    _fix(Cluster, "endpoint", endpoints.kubernetes_url)
    _fix(Cluster, "certificate_authority", {"data": endpoints.kubernetes_authority})
    _fix(Cluster, "identity", {"oidc": {"issuer": endpoints.oidc_issuer}})
    _fix(DBInstance, "address", endpoints.database_host)
    _fix(DBCluster, "endpoint", endpoints.database_host)
    _add_vpc(Cluster)
    setattr(MasterUserSecret, "_generate_secret_string", _managed_secret)  # noqa: B010 mypy forbids the plain form


def _fix(owner: type, name: str, value: object) -> None:
    # The property ignores writes: moto's constructors assign their invented values.
    setattr(owner, name, property(lambda _self: value, lambda _self, _made_up: None))


def _add_vpc(cluster: type[Cluster]) -> None:
    # EKS describes a cluster with the VPC of its subnets; moto only repeats the request.
    plain = cluster.__init__

    def init(self: Cluster, *, resources_vpc_config: dict[str, Any], **rest: Any) -> None:  # noqa: ANN401 as moto's
        subnets = ec2_backends[rest["account_id"]][rest["region_name"]].describe_subnets(
            subnet_ids=resources_vpc_config["subnetIds"]
        )
        plain(self, resources_vpc_config=resources_vpc_config | {"vpcId": subnets[0].vpc_id}, **rest)

    setattr(cluster, "__init__", init)  # noqa: B010 mypy forbids the plain form


def _managed_secret(secret: MasterUserSecret) -> str:
    return json.dumps({"username": secret.resource.master_username, "password": secrets.token_urlsafe(24)})

"""Access to an EKS cluster through IAM, without a kubeconfig: the same on AWS and on the local cloud."""

import base64
from typing import TYPE_CHECKING

import boto3
import httpx2
from botocore.exceptions import NoCredentialsError
from botocore.signers import RequestSigner
from lightkube import Client
from lightkube.config.kubeconfig import KubeConfig

if TYPE_CHECKING:
    from mypy_boto3_eks.type_defs import ClusterTypeDef

# The authenticator accepts presigned URLs of at most 15 minutes; the token lives 15 minutes whatever this value is.
# https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
_URL_LIVES_SECONDS = 60
_CLUSTER_HEADER = "x-k8s-aws-id"
TIMEOUT = httpx2.Timeout(10, connect=5)


def connect(session: boto3.Session, cluster: "ClusterTypeDef") -> Client:
    """Return a client of the cluster's API server, logged in as the session's IAM identity for 15 minutes.

    session: needs a region and credentials. cluster: as returned by ``eks.describe_cluster``, with the API server's
    address and certificate authority. This does not call the API server.
    """
    name = cluster["name"]
    configuration = KubeConfig.from_dict(
        {
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": cluster["endpoint"],
                        "certificate-authority-data": cluster["certificateAuthority"]["data"],
                    },
                }
            ],
            "users": [{"name": name, "user": {"token": token(session, name)}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
    return Client(config=configuration, timeout=TIMEOUT)


def token(session: boto3.Session, cluster: str) -> str:
    """Return the token that identifies the caller to EKS: a presigned GetCallerIdentity URL for this cluster's name."""
    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    sts = session.client("sts")
    signer = RequestSigner(
        sts.meta.service_model.service_id,
        sts.meta.region_name,
        "sts",
        "v4",
        credentials,
        session.events,
    )
    url = signer.generate_presigned_url(
        {
            "method": "GET",
            "url": f"{sts.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
            "body": {},
            "headers": {_CLUSTER_HEADER: cluster},
            "context": {},
        },
        region_name=sts.meta.region_name,
        expires_in=_URL_LIVES_SECONDS,
        operation_name="",
    )
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")

"""A controller of the account: its identities in the cluster and in IAM, as its chart and IRSA create them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightkube import Client
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import Subject
from lightkube.resources.core_v1 import ServiceAccount, ServiceAccountToken

from local.aws.part import aws_endpoint
from local.kubernetes.client import create_cluster_role, create_if_absent
from local.kubernetes.control_plane import kubernetes_url
from local.kubernetes.kubeconfig import write_kubeconfig
from local.runtime.certificates import Certificates
from local.runtime.errors import LocalCloudError
from local.runtime.private_files import private_folder, write_private
from modules.model.selected_settings import SHARED

_AUDIENCE = "sts.amazonaws.com"
# A kubelet renews its pods' tokens. Here each start writes a token that outlives the process.
_TOKEN_SECONDS = 365 * 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class Controller:
    """A controller: its name, which is also its service account's, and its namespace."""

    name: str
    namespace: str

    @property
    def user(self) -> str:
        """Its user name for the API server, and the subject of its tokens."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    @property
    def role(self) -> str:
        """The name of the IAM role that it assumes."""
        return f"{SHARED.cluster}-{self.name}"

    def create_account(self, client: Client, rules: Iterable[Mapping[str, Any]]) -> None:
        """Create its service account, bound to a ClusterRole with these rules, unless they exist."""
        role = f"arn:aws:iam::{SHARED.account}:role/{self.role}"
        account = ObjectMeta(name=self.name, namespace=self.namespace, annotations={"eks.amazonaws.com/role-arn": role})
        create_if_absent(client, ServiceAccount(metadata=account))
        subject = Subject(kind="ServiceAccount", name=self.name, namespace=self.namespace)
        create_cluster_role(client, self.name, rules, subject)

    def write_token(self, client: Client, state: Path) -> None:
        """Write a token of its service account where its program in this state folder reads it.

        Raises:
            LocalCloudError: the API server issued none.

        """
        spec = TokenRequestSpec(audiences=[_AUDIENCE], expirationSeconds=_TOKEN_SECONDS)
        request = ServiceAccountToken(metadata=ObjectMeta(), spec=spec)
        answer = client.create(request, self.name, namespace=self.namespace)
        token = answer.status and answer.status.token
        if not token:
            raise LocalCloudError(f"the API server gave {self.user} no token")
        write_private(self._token(state), token)

    def kubeconfig(self, state: Path, ports: Mapping[str, int], certificates: Certificates) -> Path:
        """Write the kubeconfig with which it logs in as its service account; return its path."""
        return write_kubeconfig(
            private_folder(state / self.name) / "kubeconfig",
            server=kubernetes_url(ports),
            authority=certificates.authority,
            client=certificates.client(self.user),
        )

    def environment(self, state: Path, ports: Mapping[str, int]) -> dict[str, str]:
        """Return the variables with which it assumes its role at the local STS and calls the local AWS."""
        return {
            "AWS_ENDPOINT_URL": aws_endpoint(ports),
            # AWS's library for Go logs in before it reads the general variable.
            "AWS_ENDPOINT_URL_STS": aws_endpoint(ports),
            "AWS_REGION": SHARED.region,
            "AWS_ROLE_ARN": f"arn:aws:iam::{SHARED.account}:role/{self.role}",
            "AWS_ROLE_SESSION_NAME": self.name,
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(self._token(state)),
            # Otherwise it asks the instance metadata service, which does not exist here, for a region.
            "AWS_EC2_METADATA_DISABLED": "true",
            # It watches two namespaces, on a machine that has other work.
            "GOMAXPROCS": "1",
            "GOMEMLIMIT": "64MiB",
        }

    def _token(self, state: Path) -> Path:
        return private_folder(state / self.name) / "token"

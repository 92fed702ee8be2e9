"""The identity of an application's pods."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.service_account_v1 import ServiceAccountV1, ServiceAccountV1Metadata
from constructs import Construct


class ServiceAccount(Construct):
    """A service account whose pods can act as an IAM role (IRSA).

    Kubernetes mounts no token: the applications do not call its API, and IRSA adds a token of its own.

    Args:
        name: name of the object.
        namespace: namespace of the object.
        labels: labels of the object.
        role_arn: ARN of the IAM role; None for none.

    Attributes:
        name: a reference to the name.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        role_arn: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        account = ServiceAccountV1(
            self,
            "resource",
            metadata=ServiceAccountV1Metadata(
                name=name,
                namespace=namespace,
                labels=labels,
                annotations={"eks.amazonaws.com/role-arn": role_arn} if role_arn else None,
            ),
            automount_service_account_token=False,
        )
        self.name = f"${{kubernetes_service_account_v1.{account.friendly_unique_id}.metadata[0].name}}"

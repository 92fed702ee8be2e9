"""The identity of an application's pods."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.service_account_v1 import ServiceAccountV1, ServiceAccountV1Metadata
from constructs import Construct


class ServiceAccount(Construct):
    """A service account; with a role its pods act as this IAM role (IRSA).

    name, namespace, labels: of the object. role_arn: none by default. Output: name, a reference.
    No token is mounted: the applications do not talk to the Kubernetes API, and IRSA projects its own.
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

"""How Terraform's Kubernetes provider logs in to the EKS cluster: with a token that it renews itself."""

from cdktf_cdktf_provider_kubernetes.provider import KubernetesProvider, KubernetesProviderExec

from environments.schema.settings import Shared
from modules.base.terraform import ReadableStack

_CREDENTIALS = "client.authentication.k8s.io/v1beta1"


def add_kubernetes_provider(stack: ReadableStack, *, endpoint: str, authority: str, shared: Shared) -> None:
    """Use the cluster as the user who runs Terraform; the AWS CLI creates a token, and a new one before it expires.

    endpoint: the API server's URL. authority: an expression for the base64 of the CA that verifies its certificate. A
    token always lives for 15 minutes, and an apply may take longer: docs/decisions/2026-11-28-eks-login.md.
    """
    KubernetesProvider(
        stack,
        "kubernetes",
        host=endpoint,
        cluster_ca_certificate=f"${{base64decode({authority})}}",
        exec=[
            KubernetesProviderExec(
                api_version=_CREDENTIALS,
                # By name: its path differs between machines, and a plan must not.
                command="aws",
                args=[
                    *("eks", "get-token", "--cluster-name", shared.cluster),
                    *("--region", shared.region, "--output", "json"),
                ],
            )
        ],
    )
    stack.require("kubernetes")

"""How Terraform's Kubernetes provider logs in to the EKS cluster: by a token that it renews itself."""

from cdktf_cdktf_provider_kubernetes.provider import KubernetesProvider, KubernetesProviderExec

from environments.schema.settings import Shared
from modules.base.terraform import ReadableStack

_CREDENTIALS = "client.authentication.k8s.io/v1beta1"


def add_kubernetes_provider(stack: ReadableStack, *, endpoint: str, authority: str, shared: Shared) -> None:
    """Talk to the cluster as whoever runs Terraform; the AWS CLI makes a token, and another one before that ends.

    endpoint: the API server's URL. authority: an expression of the base64 of what its certificate is checked against.
    A token lives for 15 minutes whatever asks for it, an apply may take longer: docs/decisions/2026-11-28-eks-login.md.
    """
    KubernetesProvider(
        stack,
        "kubernetes",
        host=endpoint,
        cluster_ca_certificate=f"${{base64decode({authority})}}",
        exec=[
            KubernetesProviderExec(
                api_version=_CREDENTIALS,
                # By its name: where it is differs between machines, and a plan must not.
                command="aws",
                args=[
                    *("eks", "get-token", "--cluster-name", shared.cluster),
                    *("--region", shared.region, "--output", "json"),
                ],
            )
        ],
    )
    stack.require("kubernetes")

"""A namespace with a Pod Security Standard, a quota and default limits."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.limit_range_v1 import (
    LimitRangeV1,
    LimitRangeV1Metadata,
    LimitRangeV1Spec,
    LimitRangeV1SpecLimit,
)
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1, NamespaceV1Metadata
from cdktf_cdktf_provider_kubernetes.resource_quota_v1 import (
    ResourceQuotaV1,
    ResourceQuotaV1Metadata,
    ResourceQuotaV1Spec,
)
from constructs import Construct

from environments.schema.neighbour import PodSecurity
from environments.schema.settings import Quota
from modules.base.terraform import import_existing, prevent_destroy
from modules.model.names import LIMITS, QUOTA
from modules.model.pod_security import pod_security_labels
from modules.model.quota import hard_limits

# What a container gets that names nothing itself: a debugging pod, or a neighbour's. Ours name everything.
_DEFAULT_REQUEST = {"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "64Mi"}
_DEFAULT_LIMIT = {"cpu": "250m", "memory": "256Mi", "ephemeral-storage": "1Gi"}


class Namespace(Construct):
    """A namespace whose pods must meet a Pod Security Standard, with a quota and default limits.

    name: its physical name. labels: of all three objects. quota: what all its pods may ask for together.
    protected: refuses to be destroyed. adopt: import the namespace of this name. pod_security: what is enforced.
    Output: name.
    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        labels: Mapping[str, str],
        quota: Quota,
        protected: bool,
        adopt: bool,
        pod_security: PodSecurity = "restricted",
    ) -> None:
        super().__init__(scope, id_)
        namespace = NamespaceV1(
            self,
            "resource",
            metadata=NamespaceV1Metadata(name=name, labels={**labels, **pod_security_labels(pod_security)}),
            lifecycle=prevent_destroy(protected),
        )
        if adopt:
            import_existing(namespace, name)
        # A reference, so that everything in the namespace is made after it and gone before it.
        self.name = f"${{kubernetes_namespace_v1.{namespace.friendly_unique_id}.metadata[0].name}}"
        limits = LimitRangeV1(
            self,
            "limits",
            metadata=LimitRangeV1Metadata(name=LIMITS, namespace=self.name, labels=labels),
            spec=LimitRangeV1Spec(
                limit=[
                    LimitRangeV1SpecLimit(type="Container", default=_DEFAULT_LIMIT, default_request=_DEFAULT_REQUEST)
                ]
            ),
        )
        # A quota refuses a container that names no amount of what it limits: the defaults come before it.
        ResourceQuotaV1(
            self,
            "quota",
            metadata=ResourceQuotaV1Metadata(name=QUOTA, namespace=self.name, labels=labels),
            spec=ResourceQuotaV1Spec(
                hard=hard_limits(quota),
            ),
            depends_on=[limits],
        )

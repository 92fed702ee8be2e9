"""A namespace with restricted Pod Security, a quota and default limits."""

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

from environments.schema.settings import Quota
from modules.base.terraform import import_existing, prevent_destroy

# What a container gets that names nothing itself: a debugging pod, not one of ours.
_DEFAULT_REQUEST = {"cpu": "100m", "memory": "128Mi"}
_DEFAULT_LIMIT = {"cpu": "250m", "memory": "256Mi"}


class Namespace(Construct):
    """A namespace whose pods must meet the restricted Pod Security Standard, with a quota and default limits.

    name: its physical name. labels: of all three objects. quota: what all its pods may ask for together.
    protected: refuses to be destroyed. adopt: import the namespace of this name. Output: name.
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
    ) -> None:
        super().__init__(scope, id_)
        security = {
            f"pod-security.kubernetes.io/{mode}{suffix}": value
            for mode in ("enforce", "audit", "warn")
            for suffix, value in (("", "restricted"), ("-version", "latest"))
        }
        namespace = NamespaceV1(
            self,
            "resource",
            metadata=NamespaceV1Metadata(name=name, labels={**labels, **security}),
            lifecycle=prevent_destroy(protected),
        )
        if adopt:
            import_existing(namespace, name)
        # A reference, so that everything in the namespace is made after it and gone before it.
        self.name = f"${{kubernetes_namespace_v1.{namespace.friendly_unique_id}.metadata[0].name}}"
        ResourceQuotaV1(
            self,
            "quota",
            metadata=ResourceQuotaV1Metadata(name="quota", namespace=self.name, labels=labels),
            spec=ResourceQuotaV1Spec(
                hard={
                    "requests.cpu": quota.cpu_requests,
                    "requests.memory": quota.memory_requests,
                    "limits.cpu": quota.cpu_limits,
                    "limits.memory": quota.memory_limits,
                    "pods": str(quota.pods),
                }
            ),
        )
        LimitRangeV1(
            self,
            "limits",
            metadata=LimitRangeV1Metadata(name="limits", namespace=self.name, labels=labels),
            spec=LimitRangeV1Spec(
                limit=[
                    LimitRangeV1SpecLimit(type="Container", default=_DEFAULT_LIMIT, default_request=_DEFAULT_REQUEST)
                ]
            ),
        )

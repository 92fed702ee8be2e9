"""What a namespace's quota limits, by Kubernetes' names."""

from environments.schema.settings import Quota


def hard_limits(quota: Quota) -> dict[str, str]:
    """The hard limits of a ResourceQuota for these settings."""
    return {
        "requests.cpu": quota.cpu_requests,
        "requests.memory": quota.memory_requests,
        "requests.ephemeral-storage": quota.ephemeral_storage_requests,
        "limits.cpu": quota.cpu_limits,
        "limits.memory": quota.memory_limits,
        "limits.ephemeral-storage": quota.ephemeral_storage_limits,
        "pods": str(quota.pods),
    }

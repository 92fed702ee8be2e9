"""A pod that the restricted standard admits, for tests to spoil, and the API server's answer to it."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import Pod

from tests.account import SHARED
from tests.live.isolation.tenant import Tenant

RESTRICTED: Mapping[str, Any] = {
    "containers": [
        {
            "name": "probe",
            # The image does not exist: nothing pulls it.
            "image": f"{SHARED.image_registry}/probe:1.0.0",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        }
    ]
}


def pod(tenant: Tenant, spec: Mapping[str, Any]) -> Pod:
    """Return a pod of an environment's namespace."""
    metadata = {"name": "isolation-probe", "namespace": tenant.names.namespace}
    return cast("Pod", Pod.from_dict({"metadata": metadata, "spec": deepcopy(dict(spec))}))


def answer(tenant: Tenant, spec: Mapping[str, Any]) -> str:
    """Return the API server's answer to such a pod, without creating it."""
    try:
        tenant.project.kubernetes.create(pod(tenant, spec), dry_run=True)
    except ApiError as error:
        return str(error.status.message)
    return "admitted"

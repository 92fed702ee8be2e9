"""Adds updates of a cluster's authentication mode and version to moto's EKS, effective at once and in any direction.

On AWS neither can be reverted. No other setting of the cluster can be updated here.
"""

from moto.core.responses import ActionResult
from moto.eks import urls
from moto.eks.models import Cluster
from moto.eks.responses import EKSResponse

_UPDATE = {"id": "1", "status": "Successful"}


def install() -> None:
    """Make every EKS cluster of this process updatable, restored clusters included."""
    # Must run before moto builds its routes from these.
    for path in ("update-config$", "updates$"):
        urls.url_paths[f"{{0}}/clusters/(?P<name>[^/]+)/{path}"] = _Response.dispatch


class _Response(EKSResponse):
    def update_cluster_config(self) -> ActionResult:
        access = self._get_param("accessConfig")
        if access is None:
            return super().update_cluster_config()
        setattr(self._cluster(), "access_config", access)  # noqa: B010 moto's class does not have it
        return ActionResult({"update": {**_UPDATE, "type": "AccessConfigUpdate"}})

    def update_cluster_version(self) -> ActionResult:
        self._cluster().version = str(self._get_param("version"))
        return ActionResult({"update": {**_UPDATE, "type": "VersionUpdate"}})

    def _cluster(self) -> Cluster:
        return self.eks_backend.describe_cluster(name=str(self._get_param("name")))

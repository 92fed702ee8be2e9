"""Adds EKS's add-ons to moto, which has none: a name, a version and configuration values.

They are stored in moto's cluster object, so a snapshot holds them. Nothing of an add-on runs.
https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddon.html
"""

from datetime import UTC, datetime
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.eks import urls
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.eks.responses import EKSResponse

_PATHS = ("addons$", "addons/(?P<addonName>[^/]+)$", "addons/(?P<addonName>[^/]+)/update$")
_VERSION = "v1.20.4-eksbuild.1"

Addon = dict[str, Any]


def install() -> None:
    """Give every EKS cluster of this process add-ons, restored clusters included."""
    # Must run before moto builds its routes from these.
    for path in _PATHS:
        urls.url_paths[f"{{0}}/clusters/(?P<name>[^/]+)/{path}"] = _Response.dispatch


class _Response(EKSResponse):
    def create_addon(self) -> ActionResult:
        addons, name, cluster = self._addons(), self._text("addonName"), self._text("name")
        if name in addons:
            raise ResourceInUseException(message=f"Addon already exists: {name}")
        now = datetime.now(UTC)
        addons[name] = {
            "addonName": name,
            "clusterName": cluster,
            "status": "ACTIVE",
            "addonVersion": self._get_param("addonVersion") or _VERSION,
            "addonArn": f"arn:aws:eks:{self.region}:{self.current_account}:addon/{cluster}/{name}/1",
            "createdAt": now,
            "modifiedAt": now,
            "configurationValues": self._get_param("configurationValues") or "",
        }
        return ActionResult({"addon": addons[name]})

    def describe_addon(self) -> ActionResult:
        return ActionResult({"addon": self._addon()})

    def update_addon(self) -> ActionResult:
        addon = self._addon()
        values = self._get_param("configurationValues")
        if values is not None:
            addon["configurationValues"] = values
        addon["modifiedAt"] = datetime.now(UTC)
        return ActionResult({"update": {"id": "1", "status": "Successful", "type": "AddonUpdate"}})

    def delete_addon(self) -> ActionResult:
        return ActionResult({"addon": self._addons().pop(self._addon()["addonName"])})

    def list_addons(self) -> ActionResult:
        return ActionResult({"addons": sorted(self._addons())})

    def _addons(self) -> dict[str, Addon]:
        cluster = self.eks_backend.describe_cluster(name=self._text("name"))
        return cast(dict[str, Addon], cluster.__dict__.setdefault("addons", {}))

    def _addon(self) -> Addon:
        name = self._text("addonName")
        addon = self._addons().get(name)
        if addon is None:
            raise ResourceNotFoundException(message=f"No addon: {name} found in cluster: {self._text('name')}")
        return addon

    def _text(self, name: str) -> str:
        return str(self._get_param(name))

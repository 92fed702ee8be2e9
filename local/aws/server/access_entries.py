"""Adds EKS's access entries to moto, which has none: what an IAM role or user may do in the cluster.

They are stored in moto's cluster object, so a snapshot holds them. Only the EKS access policies that this project uses
are known; ``local/kubernetes/token_authenticator/cluster_access.py`` decides what they allow.
https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
"""

import re
from datetime import UTC, datetime
from typing import Any, cast

from moto.core.responses import ActionResult, EmptyResult
from moto.eks import urls
from moto.eks.exceptions import InvalidParameterException, ResourceInUseException, ResourceNotFoundException
from moto.eks.models import Cluster
from moto.eks.responses import EKSResponse

from local.aws import access_policies

_PATHS = (
    "access-entries$",
    "access-entries/(?P<principalArn>[^/]+/[^/]+)$",
    "access-entries/(?P<principalArn>[^/]+/[^/]+)/access-policies$",
    "access-entries/(?P<principalArn>[^/]+/[^/]+)/access-policies/(?P<policyArn>[^/]+/[^/]+)$",
)

Entry = dict[str, Any]
_ROLE = re.compile(r"arn:aws:iam::(\d+):role/(?:.+/)?([^/]+)")


def install() -> None:
    """Give every EKS cluster of this process access entries, restored clusters included."""
    # Must run before moto builds its routes from these.
    for path in _PATHS:
        urls.url_paths[f"{{0}}/clusters/(?P<name>[^/]+)/{path}"] = _Response.dispatch
    setattr(Cluster, "access_config", {"authenticationMode": "API_AND_CONFIG_MAP"})  # noqa: B010 mypy forbids the plain form


class _Response(EKSResponse):
    def create_access_entry(self) -> ActionResult:
        entries, principal = self._entries(), self._text("principalArn")
        if principal in entries:
            raise ResourceInUseException(
                message=f"The specified access entry resource is already in use on this cluster: {principal}"
            )
        now = datetime.now(UTC)
        cluster = self._text("name")
        entries[principal] = {
            "clusterName": cluster,
            "principalArn": principal,
            "kubernetesGroups": self._groups(),
            "accessEntryArn": f"arn:aws:eks:{self.region}:{self.current_account}:access-entry/{cluster}/{principal}",
            "createdAt": now,
            "modifiedAt": now,
            "tags": self._get_param("tags") or {},
            "username": self._get_param("username") or _username(principal),
            "type": self._get_param("type") or "STANDARD",
            "policies": {},
        }
        return _described(entries[principal])

    def describe_access_entry(self) -> ActionResult:
        return _described(self._entry())

    def update_access_entry(self) -> ActionResult:
        entry = self._entry()
        entry["kubernetesGroups"] = self._groups()
        entry["modifiedAt"] = datetime.now(UTC)
        return _described(entry)

    def delete_access_entry(self) -> ActionResult:
        self._entries().pop(self._entry()["principalArn"])
        return EmptyResult()

    def list_access_entries(self) -> ActionResult:
        return ActionResult({"accessEntries": [*self._entries()]})

    def associate_access_policy(self) -> ActionResult:
        entry, policy = self._entry(), self._text("policyArn")
        if policy not in access_policies.KNOWN:
            raise InvalidParameterException(
                message=f"The local cloud does not know the access policy {policy}; allowed: "
                f"{', '.join(access_policies.KNOWN)}"
            )
        now = datetime.now(UTC)
        association = {
            "policyArn": policy,
            "accessScope": self._get_param("accessScope"),
            "associatedAt": entry["policies"].get(policy, {}).get("associatedAt", now),
            "modifiedAt": now,
        }
        entry["policies"][policy] = association
        return ActionResult(
            {
                "clusterName": entry["clusterName"],
                "principalArn": entry["principalArn"],
                "associatedAccessPolicy": association,
            }
        )

    def list_associated_access_policies(self) -> ActionResult:
        entry = self._entry()
        return ActionResult(
            {
                "clusterName": entry["clusterName"],
                "principalArn": entry["principalArn"],
                "associatedAccessPolicies": [*entry["policies"].values()],
            }
        )

    def disassociate_access_policy(self) -> ActionResult:
        policies, policy = self._entry()["policies"], self._text("policyArn")
        if policy not in policies:
            raise ResourceNotFoundException(message=f"The policy {policy} is not associated")
        del policies[policy]
        return EmptyResult()

    def _entries(self) -> dict[str, Entry]:
        cluster = self.eks_backend.describe_cluster(name=self._text("name"))
        return cast(dict[str, Entry], cluster.__dict__.setdefault("access_entries", {}))

    def _entry(self) -> Entry:
        principal = self._text("principalArn")
        entry = self._entries().get(principal)
        if entry is None:
            raise ResourceNotFoundException(message=f"The specified principalArn could not be found: {principal}")
        return entry

    def _groups(self) -> list[str]:
        groups: list[str] = self._get_param("kubernetesGroups") or []
        for group in groups:
            if group.startswith(("system:", "eks:", "aws:", "amazon:", "iam:")):
                raise InvalidParameterException(message=f"The kubernetes group name {group} is reserved")
        return groups

    def _text(self, name: str) -> str:
        return str(self._get_param(name))


def _username(principal: str) -> str:
    """EKS's default name. For a role it contains a placeholder for each session, and leaves out the role's path."""
    return _ROLE.sub(r"arn:aws:sts::\1:assumed-role/\2/{{SessionName}}", principal)


def _described(entry: Entry) -> ActionResult:
    return ActionResult({"accessEntry": {key: value for key, value in entry.items() if key != "policies"}})

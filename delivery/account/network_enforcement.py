"""Whether the cluster's network plugin enforces network policies: the VPC CNI does so only when it is enabled.

Source: https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
"""

import json
from dataclasses import dataclass

from delivery.account.error import AbsentError
from delivery.account.target import Target
from modules.model.iam_policies import NETWORK_ADDON

_OFF = "does not enforce them: every pod in the cluster can reach this environment's"


@dataclass(frozen=True, kw_only=True)
class Enforcement:
    """The result of the check.

    enforced: None if another plugin decides. found: the finding in words. remedy: the command that enables it, if off.
    """

    enforced: bool | None
    found: str
    remedy: str = ""


def network_enforcement(target: Target) -> Enforcement:
    """Read the add-on's configuration, or the DaemonSet's if there is no add-on.

    Raises ClientError or ApiError if the caller lacks the permission.
    """
    eks, cluster = target.eks, target.shared.cluster
    try:
        addon = eks.describe_addon(clusterName=cluster, addonName=NETWORK_ADDON)["addon"]
    except eks.exceptions.ResourceNotFoundException:
        return _daemon_set(target)
    values = addon.get("configurationValues") or "{}"
    try:
        switch = json.loads(values).get("enableNetworkPolicy", "false")
    except (AttributeError, ValueError):
        # The configuration may also be YAML.
        switch = str("enableNetworkPolicy: true" in values.replace('"', "")).lower()
    if str(switch).lower() == "true":
        return Enforcement(enforced=True, found=f"enableNetworkPolicy is true in the add-on {NETWORK_ADDON}")
    return Enforcement(
        enforced=False,
        found=f"the add-on {NETWORK_ADDON} {_OFF}",
        remedy=f"aws eks update-addon --region {target.shared.region} --cluster-name {cluster} "
        f"""--addon-name {NETWORK_ADDON} --configuration-values '{{"enableNetworkPolicy": "true"}}'""",
    )


def _daemon_set(target: Target) -> Enforcement:
    """If the CNI was installed without the add-on, the switch is an argument of its node agent."""
    try:
        found = target.kubernetes_api.get("/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node")
    except AbsentError:
        return Enforcement(
            enforced=None,
            found=f"neither the add-on {NETWORK_ADDON} nor a DaemonSet aws-node: another network plugin decides",
        )
    arguments = [
        argument
        for container in found["spec"]["template"]["spec"]["containers"]
        for argument in [*container.get("command", []), *container.get("args", [])]
    ]
    if "--enable-network-policy=true" in arguments:
        return Enforcement(enforced=True, found="--enable-network-policy=true in the DaemonSet aws-node")
    return Enforcement(
        enforced=False,
        found=f"the DaemonSet aws-node {_OFF}",
        remedy="helm upgrade aws-vpc-cni eks/aws-vpc-cni -n kube-system --reuse-values --set enableNetworkPolicy=true",
    )

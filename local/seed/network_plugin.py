"""The cluster's network plugin, as an EKS add-on that enforces network policies. Nothing of it runs."""

import json
from contextlib import suppress

from local.aws.clients import AwsClients
from modules.model.selected_settings import SHARED

ADDON = "vpc-cni"


def seed_network_plugin(aws: AwsClients) -> None:
    """Install the add-on in the cluster unless it exists."""
    with suppress(aws.eks.exceptions.ResourceInUseException):
        aws.eks.create_addon(
            clusterName=SHARED.cluster,
            addonName=ADDON,
            configurationValues=json.dumps({"enableNetworkPolicy": "true"}),
        )

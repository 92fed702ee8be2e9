"""An adopted ingress tells the AWS Load Balancer Controller what the settings say, and nothing else.

hashicorp/kubernetes does not look at annotations below kubernetes.io that its configuration does not have, so an import
keeps them and no plan shows them: https://github.com/hashicorp/terraform-provider-kubernetes/blob/main/kubernetes/structures.go
"""

from collections.abc import Iterator

from lightkube.resources.networking_v1 import Ingress
from lightkube.types import PatchType

from delivery.account.error import AbsentError
from delivery.account.target import Target
from modules.model.application_spec import ApplicationSpecs
from modules.model.kubernetes.ingress_annotations import CERTIFICATE, LOAD_BALANCER


class IngressAnnotations:
    """With delivery="terraform" what others told the load balancer is taken out of the environment's ingresses.

    The load balancer itself keeps its attributes: the controller changes those that an ingress names, and resets none.
    """

    title = "ingresses"

    def changes(self, target: Target) -> list[str]:
        """What would be done, a line each. Raises CheckError, ApiError."""
        return [f"remove  annotation {key} of Ingress {name}" for name, keys in _foreign(target) for key in keys]

    def apply(self, target: Target) -> None:
        """Do it. Raises CheckError, ApiError."""
        for name, keys in _foreign(target):
            target.kubernetes.patch(
                Ingress,
                name,
                {"metadata": {"annotations": dict.fromkeys(keys)}},
                namespace=target.names.namespace,
                patch_type=PatchType.MERGE,
                field_manager="mosaic-adopt",
            )


def _foreign(target: Target) -> Iterator[tuple[str, list[str]]]:
    """For each ingress that exists the annotations of the controller that the settings do not give."""
    if target.environment.delivery != "terraform":
        return
    specs = ApplicationSpecs.of(target.environment, target.shared, target.names)
    for spec in (specs.core_api, specs.web):
        name = spec.application.name
        try:
            found = target.namespace.read(Ingress, name)["metadata"].get("annotations", {})
        except AbsentError:
            continue
        wanted = {CERTIFICATE, *spec.annotations}
        foreign = sorted(key for key in found if key.startswith(LOAD_BALANCER) and key not in wanted)
        if foreign:
            yield name, foreign

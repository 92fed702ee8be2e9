"""Makes an adopted ingress tell the AWS Load Balancer Controller exactly what the settings say.

hashicorp/kubernetes ignores annotations below kubernetes.io that its configuration lacks, so an import keeps them and
no plan shows them: https://github.com/hashicorp/terraform-provider-kubernetes/blob/main/kubernetes/structures.go
"""

from collections.abc import Iterator

from lightkube.resources.networking_v1 import Ingress
from lightkube.types import PatchType

from delivery.account.error import AbsentError
from delivery.account.target import Target
from modules.model.application_spec import ApplicationSpecs
from modules.model.kubernetes.ingress_annotations import CERTIFICATE, LOAD_BALANCER


class IngressAnnotations:
    """With delivery="terraform", removes foreign load balancer annotations from the environment's ingresses.

    The load balancer keeps its attributes: the controller changes only those that an ingress names and resets none.
    """

    title = "ingresses"

    def changes(self, target: Target) -> list[str]:
        """What ``apply`` would do, one change a line. Raises CheckError, ApiError."""
        return [f"remove  annotation {key} of Ingress {name}" for name, keys in _foreign(target) for key in keys]

    def apply(self, target: Target) -> None:
        """Apply the changes. Raises CheckError, ApiError."""
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
    """For each existing ingress, the controller's annotations that are not in the settings."""
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

"""How many pods of an application a voluntary disruption leaves running."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.pod_disruption_budget_v1 import (
    PodDisruptionBudgetV1,
    PodDisruptionBudgetV1Metadata,
    PodDisruptionBudgetV1Spec,
    PodDisruptionBudgetV1SpecSelector,
)
from constructs import Construct


class PodDisruptionBudget(Construct):
    """A PodDisruptionBudget: how many pods of an application keep running while nodes are drained.

    Args:
        name: name of the object.
        namespace: namespace of the object.
        labels: labels of the object.
        selector: labels of the application's pods.
        minimum_available: number of pods that must keep running.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        selector: Mapping[str, str],
        minimum_available: int,
    ) -> None:
        super().__init__(scope, id_)
        PodDisruptionBudgetV1(
            self,
            "resource",
            metadata=PodDisruptionBudgetV1Metadata(name=name, namespace=namespace, labels=labels),
            spec=PodDisruptionBudgetV1Spec(
                min_available=str(minimum_available),
                selector=PodDisruptionBudgetV1SpecSelector(match_labels=selector),
            ),
        )

"""The pods of an application that serves."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes import deployment_v1
from cdktf_cdktf_provider_kubernetes.deployment_v1 import (
    DeploymentV1,
    DeploymentV1Metadata,
    DeploymentV1Spec,
    DeploymentV1SpecSelector,
    DeploymentV1SpecStrategy,
    DeploymentV1SpecStrategyRollingUpdate,
)
from constructs import Construct

from modules.model.kubernetes.pod_template import PodTemplate
from modules.model.kubernetes.rollout import MAX_SURGE, MAX_UNAVAILABLE, REVISION_HISTORY


class Deployment(Construct):
    """A Deployment with a rolling update that removes no pod before its successor is ready.

    Terraform does not wait for the rollout. A rollout that fails while Terraform waits leaves the Deployment tainted,
    and the next apply would delete it with its running pods. `make verify` checks the rollout afterwards.

    Args:
        name: name of the object.
        namespace: namespace of the object.
        labels: labels of the object.
        selector: labels of its pods; they never change.
        replicas: number of pods; None if an autoscaler owns it.
        pod: what runs.

    Raises:
        ValueError: the selector does not select the pod.

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
        replicas: int | None,
        pod: PodTemplate,
    ) -> None:
        super().__init__(scope, id_)
        if not selector.items() <= pod.labels.items():
            raise ValueError(
                f"{self.node.path}: the selector {dict(selector)} does not select the pods {dict(pod.labels)}"
            )
        DeploymentV1(
            self,
            "resource",
            metadata=DeploymentV1Metadata(name=name, namespace=namespace, labels=labels),
            spec=DeploymentV1Spec(
                replicas=None if replicas is None else str(replicas),
                revision_history_limit=REVISION_HISTORY,
                selector=DeploymentV1SpecSelector(match_labels=selector),
                strategy=DeploymentV1SpecStrategy(
                    type="RollingUpdate",
                    rolling_update=DeploymentV1SpecStrategyRollingUpdate(
                        max_surge=MAX_SURGE, max_unavailable=MAX_UNAVAILABLE
                    ),
                ),
                template=pod.render(deployment_v1, "DeploymentV1SpecTemplate"),
            ),
            wait_for_rollout=False,
        )

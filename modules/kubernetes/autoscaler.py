"""How many pods of an application run."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.horizontal_pod_autoscaler_v2 import (
    HorizontalPodAutoscalerV2,
    HorizontalPodAutoscalerV2Metadata,
    HorizontalPodAutoscalerV2Spec,
    HorizontalPodAutoscalerV2SpecBehavior,
    HorizontalPodAutoscalerV2SpecBehaviorScaleDown,
    HorizontalPodAutoscalerV2SpecBehaviorScaleDownPolicy,
    HorizontalPodAutoscalerV2SpecBehaviorScaleUp,
    HorizontalPodAutoscalerV2SpecBehaviorScaleUpPolicy,
    HorizontalPodAutoscalerV2SpecMetric,
    HorizontalPodAutoscalerV2SpecMetricResource,
    HorizontalPodAutoscalerV2SpecMetricResourceTarget,
    HorizontalPodAutoscalerV2SpecScaleTargetRef,
)
from constructs import Construct

from environments.schema.contract import ScalingBehavior
from environments.schema.settings import Autoscaling


class Autoscaler(Construct):
    """A HorizontalPodAutoscaler by CPU and memory.

    Args:
        name: name of the object and of the Deployment that it scales.
        namespace: namespace of the object.
        labels: labels of the object.
        autoscaling: bounds in pods, and targets in percent of the containers' requests.
        behavior: how fast it scales; None for Kubernetes' own behavior.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        autoscaling: Autoscaling,
        behavior: ScalingBehavior | None,
    ) -> None:
        super().__init__(scope, id_)
        HorizontalPodAutoscalerV2(
            self,
            "resource",
            metadata=HorizontalPodAutoscalerV2Metadata(name=name, namespace=namespace, labels=labels),
            spec=HorizontalPodAutoscalerV2Spec(
                min_replicas=autoscaling.minimum,
                max_replicas=autoscaling.maximum,
                scale_target_ref=HorizontalPodAutoscalerV2SpecScaleTargetRef(
                    api_version="apps/v1", kind="Deployment", name=name
                ),
                metric=[
                    HorizontalPodAutoscalerV2SpecMetric(
                        type="Resource",
                        resource=HorizontalPodAutoscalerV2SpecMetricResource(
                            name=resource,
                            target=HorizontalPodAutoscalerV2SpecMetricResourceTarget(
                                type="Utilization", average_utilization=percent
                            ),
                        ),
                    )
                    for resource, percent in (
                        ("cpu", autoscaling.cpu_percent),
                        ("memory", autoscaling.memory_percent),
                    )
                ],
                behavior=_behavior(behavior) if behavior else None,
            ),
        )


def _behavior(behavior: ScalingBehavior) -> HorizontalPodAutoscalerV2SpecBehavior:
    return HorizontalPodAutoscalerV2SpecBehavior(
        scale_down=[
            HorizontalPodAutoscalerV2SpecBehaviorScaleDown(
                stabilization_window_seconds=behavior.scale_down_window,
                select_policy="Max",
                policy=[
                    HorizontalPodAutoscalerV2SpecBehaviorScaleDownPolicy(
                        type="Percent",
                        value=behavior.scale_down_percent,
                        period_seconds=behavior.scale_down_period,
                    )
                ],
            )
        ],
        scale_up=[
            HorizontalPodAutoscalerV2SpecBehaviorScaleUp(
                stabilization_window_seconds=0,
                select_policy="Max",
                policy=[
                    HorizontalPodAutoscalerV2SpecBehaviorScaleUpPolicy(
                        type=kind, value=value, period_seconds=behavior.scale_up_period
                    )
                    for kind, value in (("Percent", behavior.scale_up_percent), ("Pods", behavior.scale_up_pods))
                ],
            )
        ],
    )

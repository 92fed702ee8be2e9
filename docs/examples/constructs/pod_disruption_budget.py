"""One pod of the web front end keeps running while nodes are drained."""

from constructs import Construct

from modules.kubernetes.pod_disruption_budget import PodDisruptionBudget


def example(scope: Construct) -> PodDisruptionBudget:
    return PodDisruptionBudget(
        scope,
        "budget",
        name="web",
        namespace="mosaic-demo",
        labels={"environment": "demo"},
        selector={"app": "web"},
        minimum_available=1,
    )

"""Two to six pods, by 60 percent of the requested CPU."""

from constructs import Construct

from environments.schema.settings import Autoscaling
from modules.kubernetes.autoscaler import Autoscaler


def example(scope: Construct) -> Autoscaler:
    return Autoscaler(
        scope,
        "autoscaler",
        name="web",
        namespace="mosaic-demo",
        labels={"environment": "demo"},
        autoscaling=Autoscaling(minimum=2, maximum=6, cpu_percent=60),
        behavior=None,
    )

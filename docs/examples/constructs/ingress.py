"""One public host on the shared load balancer."""

from constructs import Construct

from modules.kubernetes.ingress import Ingress


def example(scope: Construct) -> Ingress:
    return Ingress(
        scope,
        "ingress",
        name="web",
        namespace="mosaic-demo",
        labels={"environment": "demo"},
        annotations={"alb.ingress.kubernetes.io/group.name": "mosaic-life-main"},
        hosts=["demo.mosaiclife.me"],
        service="web",
        port=80,
        ingress_class="alb",
    )

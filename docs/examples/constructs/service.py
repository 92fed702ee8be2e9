"""The address http://web inside the namespace."""

from constructs import Construct

from modules.kubernetes.service import Service


def example(scope: Construct) -> Service:
    return Service(
        scope,
        "service",
        name="web",
        namespace="mosaic-demo",
        labels={"environment": "demo"},
        selector={"app": "web"},
        port=80,
        target_port=8080,
    )

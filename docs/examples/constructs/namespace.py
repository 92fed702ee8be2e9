"""A namespace for at most ten pods."""

from constructs import Construct

from environments.schema.settings import Quota
from modules.kubernetes.namespace import Namespace


def example(scope: Construct) -> Namespace:
    return Namespace(
        scope,
        "namespace",
        name="mosaic-demo",
        labels={"environment": "demo"},
        quota=Quota(
            cpu_requests="1",
            memory_requests="2Gi",
            cpu_limits="4",
            memory_limits="4Gi",
            ephemeral_storage_requests="2Gi",
            ephemeral_storage_limits="4Gi",
            pods=10,
        ),
        protected=False,
        adopt=False,
    )

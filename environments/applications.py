"""The two applications: what is true of them in every environment.

Paths, ports and probe timings are the application's own; an environment chooses only how much of it runs
(``settings.Workload``).
"""

from typing import Literal

from environments.schema.base import Settings
from environments.schema.settings import Resources


class Probe(Settings):
    """An HTTP probe of the container's port; times in seconds."""

    path: str
    period: int
    initial_delay: int
    timeout: int = 1
    failures: int = 3


class HealthCheck(Settings):
    """The load balancer's own check of a pod; times in seconds.

    protocol_version is written down only where the application needs one; the load balancer's default is HTTP1.
    """

    path: str
    interval: int
    timeout: int
    healthy_threshold: int = 2
    unhealthy_threshold: int = 3
    success_codes: str = "200"
    protocol_version: Literal["HTTP1", "HTTP2", "GRPC"] | None = None


class ScalingBehavior(Settings):
    """How fast the autoscaler moves; times in seconds. Kubernetes' own behaviour applies where none is given."""

    scale_down_window: int
    scale_down_percent: int
    scale_down_period: int
    scale_up_percent: int
    scale_up_pods: int
    scale_up_period: int


class Application(Settings):
    """One application.

    name: of its Kubernetes objects. component: the value of app.kubernetes.io/component. repository: of its image,
    below the registry. writable_paths: emptyDir mounts in a read-only root file system.
    migration_command: run once per image before the pods are updated; none by default.
    """

    name: str
    component: Literal["frontend", "backend"]
    repository: str
    container_port: int = 8080
    service_port: int
    resources: Resources
    liveness: Probe
    readiness: Probe
    health_check: HealthCheck
    writable_paths: tuple[str, ...]
    scaling: ScalingBehavior | None = None
    migration_command: tuple[str, ...] = ()


WEB = Application(
    name="web",
    component="frontend",
    repository="mosaic-life/web",
    service_port=80,
    resources=Resources(cpu_request="200m", memory_request="256Mi", cpu_limit="500m", memory_limit="512Mi"),
    liveness=Probe(path="/", period=20, initial_delay=15),
    readiness=Probe(path="/", period=10, initial_delay=5),
    health_check=HealthCheck(path="/", interval=30, timeout=5),
    # What nginx writes: its temporary files, its cache and its process id.
    writable_paths=("/tmp", "/var/cache/nginx", "/var/run"),  # noqa: S108 mount points, not files that we open
)

CORE_API = Application(
    name="core-api",
    component="backend",
    repository="mosaic-life/core-api",
    service_port=8080,
    resources=Resources(cpu_request="250m", memory_request="512Mi", cpu_limit="1000m", memory_limit="1Gi"),
    liveness=Probe(path="/healthz", period=10, initial_delay=30, timeout=5),
    readiness=Probe(path="/readyz", period=5, initial_delay=10, timeout=3),
    health_check=HealthCheck(path="/healthz", interval=15, timeout=5, protocol_version="HTTP1"),
    writable_paths=("/tmp",),  # noqa: S108 a mount point, not a file that we open
    scaling=ScalingBehavior(
        scale_down_window=300,
        scale_down_percent=50,
        scale_down_period=60,
        scale_up_percent=100,
        scale_up_pods=4,
        scale_up_period=15,
    ),
    migration_command=("alembic", "upgrade", "head"),
)

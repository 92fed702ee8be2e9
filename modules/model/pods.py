"""The applications' pods, from the facts that hold everywhere and what an environment asks for."""

from collections.abc import Mapping
from dataclasses import replace

from environments.schema.contract import Application
from environments.schema.settings import Workload
from modules.model.kubernetes.environment_variables import EnvironmentVariables
from modules.model.kubernetes.pod_template import PodTemplate


def serving_pod(
    application: Application,
    workload: Workload | None,
    *,
    registry: str,
    service_account: str,
    labels: Mapping[str, str],
    variables: EnvironmentVariables | None = None,
    annotations: Mapping[str, str] | None = None,
    spread: Mapping[str, str] | None = None,
) -> PodTemplate:
    """The pod that a Deployment runs. workload: None for the application's own defaults, and an image without a tag.

    A tag that can move to another build is pulled at every start.
    """
    return PodTemplate(
        name=application.name,
        image=f"{registry}/{application.repository}{workload.image.reference if workload else ''}",
        image_pull_policy="IfNotPresent" if workload and workload.image.is_immutable else "Always",
        resources=(workload and workload.resources) or application.resources,
        service_account=service_account,
        labels=labels,
        annotations=annotations or {},
        variables=variables or {},
        writable_paths=application.writable_paths,
        port=application.container_port,
        liveness=application.liveness,
        readiness=application.readiness,
        spread=spread or {},
    )


def migration_pod(serving: PodTemplate, *, command: tuple[str, ...]) -> PodTemplate:
    """The same pod, running a command once.

    It has its own component label, since otherwise the application's Service would send it requests. It lacks the
    annotations of the secrets' versions, since otherwise a rotation would run the migration again.
    """
    return replace(
        serving,
        command=command,
        labels={
            **serving.labels,
            "app": f"{serving.name}-migration",
            "app.kubernetes.io/name": f"{serving.name}-migration",
            "app.kubernetes.io/component": "migration",
        },
        annotations={},
        port=None,
        liveness=None,
        readiness=None,
        restart_policy="Never",
        spread={},
    )

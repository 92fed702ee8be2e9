"""The pod of an application: one description for its Deployment and its migration Job.

The description does not use CDKTF; ``render`` turns it into the typed objects of one resource. The Kubernetes provider
generates a family of classes for each resource that holds a pod (DeploymentV1SpecTemplateSpecContainer,
JobV1SpecTemplateSpecContainer, ...), which differ only in their prefix.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from environments.schema.contract import Probe
from environments.schema.settings import Resources
from modules.model.kubernetes.environment_variables import EnvironmentVariables, SecretKey

# The applications' images run as this user and group.
USER = 1000
# Spread the pods that share work evenly over zones and nodes. If that is impossible a pod is scheduled anyway: a
# missing node must not stop a rollout.
SPREAD_OVER = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
SPREAD_MAX_SKEW = 1
SPREAD_OTHERWISE = "ScheduleAnyway"


@dataclass(frozen=True, kw_only=True)
class PodTemplate:
    """One container, hardened to the restricted Pod Security Standard.

    Runs as user and group 1000 with a read-only root file system, no capabilities and no token; ``writable_paths`` are
    empty directories, each of which may use up the container's whole limit. liveness, readiness, port: none for a pod
    that serves nothing. command: the image's own by default. variables: the environment variables of its container.
    spread: the labels of the pods that share this one's work, which the scheduler puts on different zones and nodes if
    it can; none for a pod that is alone.
    """

    name: str
    image: str
    image_pull_policy: str
    resources: Resources
    service_account: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    variables: EnvironmentVariables = field(default_factory=dict)
    writable_paths: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    port: int | None = None
    liveness: Probe | None = None
    readiness: Probe | None = None
    restart_policy: str = "Always"
    spread: Mapping[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> dict[str, str]:
        """Its container's requests, by Kubernetes' names."""
        of = self.resources
        return {"cpu": of.cpu_request, "memory": of.memory_request, "ephemeral-storage": of.ephemeral_storage_request}

    @property
    def limits(self) -> dict[str, str]:
        """Its container's limits, by Kubernetes' names."""
        of = self.resources
        return {"cpu": of.cpu_limit, "memory": of.memory_limit, "ephemeral-storage": of.ephemeral_storage_limit}

    def render(self, module: ModuleType, prefix: str) -> Any:  # noqa: ANN401 the class depends on the prefix
        """The template as typed objects: ``render(deployment_v1, "DeploymentV1SpecTemplate")`` and the like."""

        def make(kind: str, **values: object) -> Any:  # noqa: ANN401 likewise
            return getattr(module, prefix + kind)(**values)

        return make(
            "",
            metadata=make("Metadata", labels=dict(self.labels), annotations=dict(self.annotations) or None),
            spec=make(
                "Spec",
                service_account_name=self.service_account,
                automount_service_account_token=False,
                enable_service_links=False,
                share_process_namespace=False,
                restart_policy=self.restart_policy,
                security_context=make(
                    "SpecSecurityContext",
                    run_as_non_root=True,
                    run_as_user=str(USER),
                    run_as_group=str(USER),
                    fs_group=str(USER),
                    seccomp_profile=make("SpecSecurityContextSeccompProfile", type="RuntimeDefault"),
                ),
                topology_spread_constraint=[
                    make(
                        "SpecTopologySpreadConstraint",
                        max_skew=SPREAD_MAX_SKEW,
                        topology_key=key,
                        when_unsatisfiable=SPREAD_OTHERWISE,
                        label_selector=[
                            make("SpecTopologySpreadConstraintLabelSelector", match_labels=dict(self.spread))
                        ],
                    )
                    for key in SPREAD_OVER
                ]
                if self.spread
                else None,
                volume=[
                    make(
                        "SpecVolume",
                        name=volume_name(path),
                        empty_dir=make("SpecVolumeEmptyDir", size_limit=self.resources.ephemeral_storage_limit),
                    )
                    for path in self.writable_paths
                ],
                container=[
                    make(
                        "SpecContainer",
                        name=self.name,
                        image=self.image,
                        image_pull_policy=self.image_pull_policy,
                        command=list(self.command) or None,
                        env=[
                            make("SpecContainerEnv", name=name, value=value)
                            if isinstance(value, str)
                            else make("SpecContainerEnv", name=name, value_from=_value_from(make, value))
                            for name, value in self.variables.items()
                        ],
                        port=[make("SpecContainerPort", name="http", container_port=self.port)] if self.port else None,
                        liveness_probe=_probe(make, "SpecContainerLivenessProbe", self.liveness),
                        readiness_probe=_probe(make, "SpecContainerReadinessProbe", self.readiness),
                        resources=make(
                            "SpecContainerResources",
                            requests=self.requests,
                            limits=self.limits,
                        ),
                        security_context=make(
                            "SpecContainerSecurityContext",
                            allow_privilege_escalation=False,
                            privileged=False,
                            read_only_root_filesystem=True,
                            # If left out, the provider sends false, and restricted Pod Security refuses the pod.
                            run_as_non_root=True,
                            capabilities=make("SpecContainerSecurityContextCapabilities", drop=["ALL"]),
                        ),
                        volume_mount=[
                            make(
                                "SpecContainerVolumeMount",
                                name=volume_name(path),
                                mount_path=path,
                                mount_propagation="None",
                            )
                            for path in self.writable_paths
                        ],
                    )
                ],
            ),
        )


def volume_name(path: str) -> str:
    """The name of the volume that is mounted at this path: a DNS label, which has no dots."""
    return path.strip("/").replace("/", "-").replace(".", "-")


def _value_from(make: Any, reference: SecretKey) -> Any:  # noqa: ANN401 see render
    return make(
        "SpecContainerEnvValueFrom",
        secret_key_ref=make(
            "SpecContainerEnvValueFromSecretKeyRef", name=reference.secret, key=reference.key, optional=False
        ),
    )


def _probe(make: Any, kind: str, probe: Probe | None) -> Any:  # noqa: ANN401 see render
    return probe and make(
        kind,
        http_get=make(f"{kind}HttpGet", path=probe.path, port="http"),
        period_seconds=probe.period,
        initial_delay_seconds=probe.initial_delay,
        timeout_seconds=probe.timeout,
        failure_threshold=probe.failures,
    )

"""How an environment runs the two applications: one description for every kind of delivery.

Terraform's delivery turns it into typed resources (``modules/stacks/terraform_workloads.py``), Argo CD's into values of
the applications' Helm chart (``modules/model/helm_values.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from environments.applications import CORE_API, WEB
from environments.schema.contract import Application
from environments.schema.settings import Autoscaling, Environment, Shared, Workload
from modules.model.kubernetes.ingress_annotations import (
    environment_annotations,
    ingress_annotations,
    own_load_balancer_annotations,
)
from modules.model.kubernetes.pod_template import PodTemplate
from modules.model.names import Names, load_balancer_group
from modules.model.pods import migration_pod, serving_pod
from modules.model.tags import aws_tags, labels, selector_labels
from modules.model.variables import variables_of


@dataclass(frozen=True, kw_only=True)
class ApplicationSpec:
    """One application in one environment: its own facts combined with the environment's settings.

    labels: of its objects. selector: of its pods, which never changes. pod: what runs, without values that only the
    account knows. replicas: None if an autoscaler owns the count, 0 while paused. hosts: of its ingress; none while
    paused. annotations: of its ingress, without the certificate.
    """

    application: Application
    labels: Mapping[str, str]
    selector: Mapping[str, str]
    pod: PodTemplate
    replicas: int | None
    autoscaling: Autoscaling | None
    minimum_available: int | None
    hosts: tuple[str, ...]
    annotations: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ApplicationSpecs:
    """Both applications, and the pod that migrates the database before either runs."""

    web: ApplicationSpec
    core_api: ApplicationSpec
    migration: PodTemplate

    @classmethod
    def of(cls, environment: Environment, shared: Shared, names: Names) -> Self:
        """Describe an environment's applications. Raises InvalidNameError if the load balancer's group is taken."""
        core_api = _spec(
            CORE_API,
            environment.core_api,
            environment=environment,
            shared=shared,
            names=names,
        )
        return cls(
            web=_spec(WEB, environment.web, environment=environment, shared=shared, names=names),
            core_api=core_api,
            migration=migration_pod(core_api.pod, command=CORE_API.migration_command),
        )


def _spec(
    application: Application,
    workload: Workload,
    *,
    environment: Environment,
    shared: Shared,
    names: Names,
) -> ApplicationSpec:
    selector = selector_labels(application, names.instance)
    own = {**labels(environment, shared), **selector}
    scaling = None if environment.paused else workload.autoscaling
    replicas = 0 if environment.paused else workload.replicas
    group = load_balancer_group(environment, shared)
    return ApplicationSpec(
        application=application,
        labels=own,
        selector=selector,
        pod=serving_pod(
            application,
            workload,
            registry=shared.image_registry,
            service_account=application.name,
            labels=own,
            variables=variables_of(application, environment=environment, shared=shared, names=names),
            spread=selector,
        ),
        replicas=None if scaling else replicas,
        autoscaling=scaling,
        minimum_available=None if environment.paused else workload.minimum_available,
        hosts=() if environment.paused else workload.hosts,
        annotations={
            **ingress_annotations(health_check=application.health_check),
            **environment_annotations(hosts=workload.hosts, group=group, order=workload.ingress_order),
            **(own_load_balancer_annotations(aws_tags(environment, shared)) if environment.alb == "own" else {}),
        },
    )

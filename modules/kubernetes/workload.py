"""One application of an environment: its pods, service, public hosts, autoscaler and disruption budget."""

from collections.abc import Mapping

from constructs import Construct

from environments import settings
from environments.applications import Application
from modules.kubernetes.autoscaler import Autoscaler
from modules.kubernetes.deployment import Deployment
from modules.kubernetes.disruption_budget import DisruptionBudget
from modules.kubernetes.ingress import Ingress
from modules.kubernetes.pod_template import PodTemplate
from modules.kubernetes.service import Service


class Workload(Construct):
    """An application as an environment wants it.

    application: what is true of it everywhere. workload: how much of it runs here. namespace, labels: of all objects.
    selector: labels of its pods. pod: what runs. shared, certificate_arn: of the shared load balancer.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        application: Application,
        workload: settings.Workload,
        namespace: str,
        labels: Mapping[str, str],
        selector: Mapping[str, str],
        pod: PodTemplate,
        shared: settings.Shared,
        certificate_arn: str,
    ) -> None:
        super().__init__(scope, id_)
        labels = {**labels, **selector}
        Deployment(
            self,
            "deployment",
            name=application.name,
            namespace=namespace,
            labels=labels,
            selector=selector,
            replicas=None if workload.autoscaling else workload.replicas,
            pod=pod,
        )
        Service(
            self,
            "service",
            name=application.name,
            namespace=namespace,
            labels=labels,
            selector=selector,
            port=application.service_port,
            target_port=application.container_port,
        )
        Ingress(
            self,
            "ingress",
            name=application.name,
            namespace=namespace,
            labels=labels,
            hosts=workload.hosts,
            service=application.name,
            port=application.service_port,
            ingress_class=shared.ingress_class,
            group=shared.load_balancer_group,
            order=workload.ingress_order,
            certificate_arn=certificate_arn,
            health_check=application.health_check,
        )
        if workload.autoscaling:
            Autoscaler(
                self,
                "autoscaler",
                name=application.name,
                namespace=namespace,
                labels=labels,
                autoscaling=workload.autoscaling,
                behavior=application.scaling,
            )
        if workload.minimum_available is not None:
            DisruptionBudget(
                self,
                "disruption-budget",
                name=application.name,
                namespace=namespace,
                labels=labels,
                selector=selector,
                minimum_available=workload.minimum_available,
            )

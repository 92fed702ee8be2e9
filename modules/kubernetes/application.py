"""One application of an environment: its pods, service, public hosts, autoscaler and disruption budget."""

from constructs import Construct

from modules.kubernetes.autoscaler import Autoscaler
from modules.kubernetes.deployment import Deployment
from modules.kubernetes.ingress import Ingress
from modules.kubernetes.pod_disruption_budget import PodDisruptionBudget
from modules.kubernetes.service import Service
from modules.model.kubernetes.ingress_annotations import CERTIFICATE
from modules.model.kubernetes.pod_template import PodTemplate
from modules.model.workloads import ApplicationWorkload


class Workload(Construct):
    """An application as an environment wants it.

    workload: what it is. pod: what runs, with what only the account knows. namespace: of all objects. ingress_class,
    certificate_arn: of the load balancer.

    While the environment is paused there is no Deployment: one with zero replicas would stay at zero when it comes
    back, because the Deployment leaves the count to an autoscaler, and an autoscaler leaves zero alone.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        workload: ApplicationWorkload,
        pod: PodTemplate,
        namespace: str,
        ingress_class: str,
        certificate_arn: str,
    ) -> None:
        super().__init__(scope, id_)
        application = workload.application
        if workload.replicas != 0:
            Deployment(
                self,
                "deployment",
                name=application.name,
                namespace=namespace,
                labels=workload.labels,
                selector=workload.selector,
                replicas=workload.replicas,
                pod=pod,
            )
        Service(
            self,
            "service",
            name=application.name,
            namespace=namespace,
            labels=workload.labels,
            selector=workload.selector,
            port=application.service_port,
            target_port=application.container_port,
        )
        if workload.hosts:
            Ingress(
                self,
                "ingress",
                name=application.name,
                namespace=namespace,
                labels=workload.labels,
                annotations={**workload.annotations, CERTIFICATE: certificate_arn},
                hosts=workload.hosts,
                service=application.name,
                port=application.service_port,
                ingress_class=ingress_class,
            )
        if workload.autoscaling:
            Autoscaler(
                self,
                "autoscaler",
                name=application.name,
                namespace=namespace,
                labels=workload.labels,
                autoscaling=workload.autoscaling,
                behavior=application.scaling,
            )
        if workload.minimum_available is not None:
            PodDisruptionBudget(
                self,
                "disruption-budget",
                name=application.name,
                namespace=namespace,
                labels=workload.labels,
                selector=workload.selector,
                minimum_available=workload.minimum_available,
            )

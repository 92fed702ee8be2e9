"""One application of an environment: its pods, service, public hosts, autoscaler and disruption budget."""

from constructs import Construct

from modules.kubernetes.autoscaler import Autoscaler
from modules.kubernetes.deployment import Deployment
from modules.kubernetes.ingress import Ingress
from modules.kubernetes.pod_disruption_budget import PodDisruptionBudget
from modules.kubernetes.service import Service
from modules.model.application_spec import ApplicationSpec
from modules.model.kubernetes.ingress_annotations import CERTIFICATE
from modules.model.kubernetes.pod_template import PodTemplate


class Application(Construct):
    """The Kubernetes objects of one application: pods, service, public hosts, autoscaler and disruption budget.

    A paused environment has no Deployment. A Deployment with zero replicas would stay at zero afterwards, because it
    leaves the count to an autoscaler, and an autoscaler does not change zero.

    Args:
        spec: how the application runs in this environment.
        pod: the pod of the spec, completed with what only the account knows.
        namespace: namespace of all objects.
        ingress_class: ingress class of the load balancer controller.
        certificate_arn: ARN of the certificate for the hosts.

    Attributes:
        service: the service, by whose name other pods find the application.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        spec: ApplicationSpec,
        pod: PodTemplate,
        namespace: str,
        ingress_class: str,
        certificate_arn: str,
    ) -> None:
        super().__init__(scope, id_)
        application = spec.application
        if spec.replicas != 0:
            Deployment(
                self,
                "deployment",
                name=application.name,
                namespace=namespace,
                labels=spec.labels,
                selector=spec.selector,
                replicas=spec.replicas,
                pod=pod,
            )
        self.service = Service(
            self,
            "service",
            name=application.name,
            namespace=namespace,
            labels=spec.labels,
            selector=spec.selector,
            port=application.service_port,
            target_port=application.container_port,
        )
        if spec.hosts:
            Ingress(
                self,
                "ingress",
                name=application.name,
                namespace=namespace,
                labels=spec.labels,
                annotations={**spec.annotations, CERTIFICATE: certificate_arn},
                hosts=spec.hosts,
                service=application.name,
                port=application.service_port,
                ingress_class=ingress_class,
            )
        if spec.autoscaling:
            Autoscaler(
                self,
                "autoscaler",
                name=application.name,
                namespace=namespace,
                labels=spec.labels,
                autoscaling=spec.autoscaling,
                behavior=application.scaling,
            )
        if spec.minimum_available is not None:
            PodDisruptionBudget(
                self,
                "disruption-budget",
                name=application.name,
                namespace=namespace,
                labels=spec.labels,
                selector=spec.selector,
                minimum_available=spec.minimum_available,
            )

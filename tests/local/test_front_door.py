"""The front door answers like the load balancer that the controller creates from ingresses."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError
from lightkube import Client
from lightkube.codecs import from_dict
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Namespace, Pod
from lightkube.resources.networking_v1 import Ingress

from delivery.account.error import CheckError
from delivery.verification.https_answer import answers
from local.aws.clients import AwsClients
from local.clients.environment import variables
from local.runtime.ports import FRONT_DOOR, FRONT_DOOR_HTTP, HOST
from local.state import Cloud
from modules.model.cloud_selection import local_front_door
from tests.account import SHARED
from tests.local.kubernetes.test_controllers import eventually, exists
from tests.local.loopback import request

SPACE = "front-door-test"
PUBLIC = f"{SPACE}.{SHARED.domain}"
LOAD_BALANCER = "alb.ingress.kubernetes.io"


def workload(name: str) -> Iterator[Mapping[str, Any]]:
    """Create a pod with this label, and a Service in front of it."""
    metadata = {"name": name, "namespace": SPACE}
    containers = [{"name": name, "image": "example.org/web:1"}]
    template = {"metadata": {"labels": {"app": name, "environment": "test"}}, "spec": {"containers": containers}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template}
    yield {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    ports = [{"port": 80, "targetPort": 8080}]
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"selector": {"app": name}, "ports": ports},
    }


def ingress(name: str, path: str, order: int, certificate: str) -> Mapping[str, Any]:
    """Return an ingress of the shared group that leads a path of the test's host to the Service of the same name."""
    annotations = {
        "group.name": SHARED.load_balancer_group,
        "group.order": str(order),
        "scheme": "internet-facing",
        "target-type": "ip",
        "listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
        "ssl-redirect": "443",
        "certificate-arn": certificate,
    }
    written = f"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {{name: {name}, namespace: {SPACE}}}
        spec:
          ingressClassName: {SHARED.ingress_class}
          rules:
            - host: {PUBLIC}
              http:
                paths:
                  - path: {path}
                    pathType: Prefix
                    backend: {{service: {{name: {name}, port: {{number: 80}}}}}}
    """
    document: dict[str, Any] = yaml.safe_load(written)
    document["metadata"]["annotations"] = {f"{LOAD_BALANCER}/{key}": value for key, value in annotations.items()}
    return document


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A client's answer. found: the JSON of a pod's answer, or empty."""

    status: int
    location: str | None
    text: str

    @property
    def found(self) -> Mapping[str, Any]:
        return json.loads(self.text) if self.status == 200 else {}


@dataclass(frozen=True, kw_only=True)
class Door:
    """A cloud's front door, for a client that trusts only the local authority."""

    cloud: Cloud

    def ask(self, path: str = "/", *, host: str = PUBLIC, secure: bool = True) -> Answer:
        """Request a path of a host by HTTPS or HTTP."""
        port = self.cloud.ports[FRONT_DOOR if secure else FRONT_DOOR_HTTP]
        connection = http.client.HTTPConnection(host)
        connection.sock = socket.create_connection((HOST, port))
        try:
            if secure:
                trusting = ssl.create_default_context(cafile=str(self.cloud.certificates.authority))
                connection.sock = trusting.wrap_socket(connection.sock, server_hostname=host)
            connection.request("GET", path)
            answer = connection.getresponse()
            return Answer(
                status=answer.status, location=answer.getheader("Location"), text=answer.read().decode("ascii")
            )
        finally:
            connection.close()

    def asked(self, path: str = "/") -> Answer | None:
        """Request a path of the test's host by HTTPS; return None while the load balancer has no listener for it."""
        try:
            return self.ask(path)
        except (ssl.SSLError, ConnectionResetError):
            return None

    def comes_to(self, service: str, path: str) -> bool:
        """Return whether a pod behind this Service answers for this path."""
        answer = self.asked(path)
        return answer is not None and str(answer.found.get("pod", "")).startswith(f"{service}-")


@pytest.fixture(scope="module")
def certificate(aws: AwsClients) -> str:
    (found,) = aws.acm.list_certificates()["CertificateSummaryList"]
    return found["CertificateArn"]


@pytest.fixture(scope="module")
def door(cloud: Cloud, kubernetes: Client, certificate: str) -> Iterator[Door]:
    """The front door, with an ingress for every path of the test's host and a later one for /admin."""
    for item in (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}},
        *workload("web"),
        *workload("admin"),
        ingress("web", "/", 900, certificate),
        ingress("admin", "/admin", 901, certificate),
    ):
        kubernetes.create(from_dict(dict(item)))
    found = Door(cloud=cloud)
    assert eventually(lambda: found.comes_to("web", "/"))
    yield found
    kubernetes.delete(Namespace, SPACE)
    assert eventually(lambda: not exists(kubernetes, SPACE))


def test_the_answer_names_the_pod_and_service_that_would_serve_it(door: Door, kubernetes: Client) -> None:
    (pod,) = kubernetes.list(Pod, namespace=SPACE, labels={"app": "web"})
    assert pod.metadata is not None
    assert pod.status is not None
    assert door.ask("/some/path?and=query").found == {
        "environment": "test",
        "namespace": SPACE,
        "host": PUBLIC,
        "service": f"{SPACE}/web-web:80",
        "pod": pod.metadata.name,
        "ip": pod.status.podIP,
        "port": 8080,
    }


def test_every_target_answers_in_turn(door: Door, kubernetes: Client) -> None:
    def pods() -> set[object]:
        return {door.ask().found.get("pod") for _ in range(2)}

    kubernetes.patch(Deployment, "web", {"spec": {"replicas": 2}}, namespace=SPACE)
    assert eventually(lambda: len(pods() - {None}) == 2)
    kubernetes.patch(Deployment, "web", {"spec": {"replicas": 1}}, namespace=SPACE)
    assert eventually(lambda: len(pods()) == 1 and None not in pods())


def test_a_host_without_a_rule_gets_the_default_action(door: Door) -> None:
    answer = door.ask(host=f"nobody-has-this.{SHARED.domain}")
    assert (answer.status, answer.text) == (404, "")


def test_http_is_redirected(door: Door) -> None:
    answer = door.ask("/some/path?and=query", secure=False)
    assert (answer.status, answer.location) == (301, f"https://{PUBLIC}:443/some/path?and=query")


def test_a_name_that_the_certificate_lacks_is_refused_by_the_client(door: Door) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        door.ask(host="example.org")


def test_verify_reaches_the_front_door_with_the_variables_of_a_shell(door: Door) -> None:
    host, port, authority = local_front_door(variables(door.cloud))

    def asked(url: str) -> str:
        return answers(url, ssl.create_default_context(cafile=authority), place=(host, port))

    assert asked(f"https://{PUBLIC}/healthz") == f"200 from https://{PUBLIC}/healthz"
    with pytest.raises(CheckError, match=r"^status 404$"):
        asked(f"https://nobody-has-this.{SHARED.domain}/")
    with pytest.raises(CheckError, match="CERTIFICATE_VERIFY_FAILED"):
        asked("https://example.org/")


def test_the_first_matching_rule_answers(door: Door, kubernetes: Client) -> None:
    assert door.comes_to("web", "/admin")
    order = {"metadata": {"annotations": {f"{LOAD_BALANCER}/group.order": "899"}}}
    kubernetes.patch(Ingress, "admin", order, namespace=SPACE)
    assert eventually(lambda: door.comes_to("admin", "/admin"))
    assert door.comes_to("web", "/")


def test_a_host_without_targets_gets_503(door: Door, kubernetes: Client) -> None:
    kubernetes.patch(Deployment, "admin", {"spec": {"replicas": 0}}, namespace=SPACE)
    kubernetes.patch(Deployment, "web", {"spec": {"replicas": 0}}, namespace=SPACE)
    assert eventually(lambda: door.ask().status == 503)


def test_the_front_door_may_only_read_load_balancers_and_certificates(cloud: Cloud, aws: AwsClients) -> None:
    own = cloud.aws(FRONT_DOOR)
    assert own.elbv2.describe_load_balancers()["LoadBalancers"]
    (balancer, *_) = aws.elbv2.describe_load_balancers()["LoadBalancers"]
    refused: Callable[[], object]
    for refused in (
        lambda: own.elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"]),
        own.secretsmanager.list_secrets,
        own.acm.list_certificates,
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


@pytest.mark.parametrize(("path", "status"), [("pods", 200), ("secrets", 403), ("configmaps", 403)])
def test_the_front_door_may_only_list_pods(cloud: Cloud, path: str, status: int) -> None:
    url = f"{cloud.kubernetes_url}/api/v1/{path}"
    assert request(cloud, url, client=cloud.certificates.client(FRONT_DOOR))[0] == status

"""The load balancer controller and external-dns create for an ingress what they create on AWS, and may do no more."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError
from lightkube import Client
from lightkube.codecs import from_dict
from lightkube.core.exceptions import ApiError
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Namespace, Pod
from lightkube.resources.networking_v1 import Ingress

from local import commands as local_cloud
from local.aws.clients import AwsClients
from local.aws.credentials import AccessKey
from local.kubernetes import external_dns, load_balancer_controller
from local.kubernetes.client import connect
from local.kubernetes.controller import Controller
from local.state import LATE, Cloud
from tests.account import SHARED

SPACE = "controllers-test"
HOST = f"controllers-test.{SHARED.domain}"
PATIENCE_SECONDS = 90
OBJECTS = f"""
- {{apiVersion: v1, kind: Namespace, metadata: {{name: {SPACE}}}}}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {{name: web, namespace: {SPACE}}}
  spec:
    replicas: 1
    selector: {{matchLabels: {{app: web}}}}
    template:
      metadata: {{labels: {{app: web}}}}
      spec: {{containers: [{{name: web, image: "example.org/web:1"}}]}}
- apiVersion: v1
  kind: Service
  metadata: {{name: web, namespace: {SPACE}}}
  spec: {{selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata:
    name: web
    namespace: {SPACE}
    annotations:
      alb.ingress.kubernetes.io/group.name: {SHARED.load_balancer_group}
      alb.ingress.kubernetes.io/group.order: "900"
      alb.ingress.kubernetes.io/scheme: internet-facing
      alb.ingress.kubernetes.io/target-type: ip
      external-dns.alpha.kubernetes.io/hostname: {HOST}
  spec:
    ingressClassName: {SHARED.ingress_class}
    rules:
      - host: {HOST}
        http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}
"""


def eventually(condition: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.2)
    return True


@pytest.fixture(scope="module")
def address(kubernetes: Client) -> Iterator[str]:
    """The address of an ingress of the shared group, with a pod behind it."""
    for item in yaml.safe_load(OBJECTS):
        kubernetes.create(from_dict(item))
    assert eventually(lambda: bool(address_of(kubernetes)))
    yield address_of(kubernetes)
    kubernetes.delete(Namespace, SPACE)
    assert eventually(lambda: not exists(kubernetes, SPACE))


def address_of(kubernetes: Client) -> str:
    status = kubernetes.get(Ingress, "web", namespace=SPACE).status
    listed = (status and status.loadBalancer and status.loadBalancer.ingress) or []
    return (listed[0].hostname or "") if listed else ""


def exists(kubernetes: Client, namespace: str) -> bool:
    try:
        kubernetes.get(Namespace, namespace)
    except ApiError:
        return False
    return True


def shared_balancer(aws: AwsClients) -> Mapping[str, Any]:
    for balancer in aws.elbv2.describe_load_balancers()["LoadBalancers"]:
        (described,) = aws.elbv2.describe_tags(ResourceArns=[balancer["LoadBalancerArn"]])["TagDescriptions"]
        if {"Key": "ingress.k8s.aws/stack", "Value": SHARED.load_balancer_group} in described["Tags"]:
            return balancer
    raise AssertionError(f"there is no load balancer of the group {SHARED.load_balancer_group}")


def target_groups(aws: AwsClients) -> Sequence[str]:
    """Return the ARNs of the target groups to which the shared load balancer sends the test's host."""
    arn = shared_balancer(aws)["LoadBalancerArn"]
    rules = [
        rule
        for listener in aws.elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        for rule in aws.elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        if any(HOST in condition.get("HostHeaderConfig", {}).get("Values", []) for condition in rule["Conditions"])
    ]
    return [
        group["TargetGroupArn"]
        for rule in rules
        for action in rule["Actions"]
        for group in action["ForwardConfig"]["TargetGroups"]
    ]


def healthy_targets(aws: AwsClients, group: str) -> set[str]:
    return {
        described["Target"]["Id"]
        for described in aws.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        if described["TargetHealth"]["State"] == "healthy"
    }


def pod_addresses(kubernetes: Client) -> set[str]:
    return {str(pod.status.podIP) for pod in kubernetes.list(Pod, namespace=SPACE) if pod.status and pod.status.podIP}


def records(aws: AwsClients) -> dict[tuple[str, str], Any]:
    (zone,) = (it for it in aws.route53.list_hosted_zones()["HostedZones"] if it["Name"] == f"{SHARED.domain}.")
    listed = aws.route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    return {(record["Name"].rstrip("."), record["Type"]): record for record in listed}


def test_the_controller_adopts_the_shared_load_balancer(aws: AwsClients, address: str) -> None:
    assert shared_balancer(aws)["DNSName"] == address


def test_one_rule_leads_the_host_to_its_pods(aws: AwsClients, kubernetes: Client, address: str) -> None:
    (group,) = target_groups(aws)
    assert eventually(lambda: bool(healthy_targets(aws, group)))
    assert healthy_targets(aws, group) == pod_addresses(kubernetes)
    (described,) = aws.elbv2.describe_tags(ResourceArns=[group])["TagDescriptions"]
    tags = {tag["Key"]: tag["Value"] for tag in described["Tags"]}
    assert tags["elbv2.k8s.aws/cluster"] == SHARED.cluster
    assert tags["ingress.k8s.aws/resource"] == f"{SPACE}/web-web:80"


def test_the_hosts_records_point_to_the_load_balancer_and_belong_to_the_cluster(aws: AwsClients, address: str) -> None:
    assert eventually(lambda: (HOST, "A") in records(aws))
    found = records(aws)
    for kind in ("A", "AAAA"):
        assert found[HOST, kind]["AliasTarget"]["DNSName"].rstrip(".") == address
    owners = {
        name: it["ResourceRecords"] for (name, kind), it in found.items() if kind == "TXT" and name.endswith(HOST)
    }
    assert set(owners) == {f"cname-{HOST}", f"aaaa-{HOST}"}
    words = f"external-dns/owner={SHARED.cluster},external-dns/resource=ingress/{SPACE}/web"
    assert [words in value["Value"] for values in owners.values() for value in values] == [True, True]


def test_both_controllers_continue_after_a_restart(cloud: Cloud, aws: AwsClients, address: str) -> None:
    (group,) = target_groups(aws)
    local_cloud.down()
    again = local_cloud.up()
    assert {part.name: part.condition for part in local_cloud.status() if part.name in LATE} == dict.fromkeys(
        LATE, "ready"
    )
    kubernetes, aws = connect(again.kubeconfig), again.aws()
    assert list(target_groups(aws)) == [group]
    assert (HOST, "A") in records(aws)
    kubernetes.patch(Deployment, "web", {"spec": {"replicas": 2}}, namespace=SPACE)
    assert eventually(lambda: len(healthy_targets(aws, group)) == 2)
    assert healthy_targets(aws, group) == pod_addresses(kubernetes)


def test_deleting_an_ingress_deletes_what_it_created(aws: AwsClients, kubernetes: Client, address: str) -> None:
    (group,) = target_groups(aws)
    kubernetes.delete(Ingress, "web", namespace=SPACE)
    assert eventually(lambda: not target_groups(aws))
    assert eventually(
        lambda: group not in {it["TargetGroupArn"] for it in aws.elbv2.describe_target_groups()["TargetGroups"]}
    )
    assert eventually(lambda: not [name for name, _ in records(aws) if name.endswith(HOST)])
    # Argo CD's ingress remains in the group.
    assert shared_balancer(aws)["DNSName"] == address


def session(cloud: Cloud, controller: Controller) -> AwsClients:
    """Return clients of a session of the controller's role, assumed with the token that it was started with."""
    token = (cloud.state / controller.name / "token").read_text(encoding="utf-8")
    key = cloud.aws().sts.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{SHARED.account}:role/{controller.role}", RoleSessionName="test", WebIdentityToken=token
    )["Credentials"]
    return AwsClients(
        cloud.aws_endpoint, AccessKey(id=key["AccessKeyId"], secret=key["SecretAccessKey"]), token=key["SessionToken"]
    )


def refusal(call: Callable[..., object], **parameters: object) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def test_the_controller_cannot_change_resources_outside_its_cluster(cloud: Cloud, aws: AwsClients) -> None:
    theirs = session(cloud, load_balancer_controller.CONTROLLER)
    subnets = [zone["SubnetId"] for zone in shared_balancer(aws)["AvailabilityZones"]]
    foreign = aws.elbv2.create_load_balancer(Name="somebody-elses", Subnets=subnets)["LoadBalancers"][0]
    try:
        delete = theirs.elbv2.delete_load_balancer
        assert refusal(delete, LoadBalancerArn=foreign["LoadBalancerArn"]) == "AccessDenied"
        assert refusal(theirs.elbv2.create_load_balancer, Name="untagged", Subnets=subnets) == "AccessDenied"
        cluster = [{"Key": "elbv2.k8s.aws/cluster", "Value": SHARED.cluster}]
        tag = theirs.elbv2.add_tags
        assert refusal(tag, ResourceArns=[foreign["LoadBalancerArn"]], Tags=cluster) == "AccessDenied"
        created = theirs.elbv2.create_load_balancer(Name="tagged", Subnets=subnets, Tags=cluster)  # type: ignore[arg-type]
        theirs.elbv2.delete_load_balancer(LoadBalancerArn=created["LoadBalancers"][0]["LoadBalancerArn"])
    finally:
        aws.elbv2.delete_load_balancer(LoadBalancerArn=foreign["LoadBalancerArn"])
    instance = aws.ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    assert refusal(theirs.ec2.terminate_instances, InstanceIds=[instance]) == "UnauthorizedOperation"


def test_external_dns_changes_records_and_no_zone(cloud: Cloud) -> None:
    theirs = session(cloud, external_dns.CONTROLLER)
    (zone,) = theirs.route53.list_hosted_zones()["HostedZones"]
    assert refusal(theirs.route53.delete_hosted_zone, Id=zone["Id"]) == "AccessDenied"
    assert refusal(theirs.elbv2.describe_load_balancers) == "AccessDenied"


def test_their_service_accounts_have_only_their_charts_permissions(cloud: Cloud, kubernetes: Client) -> None:
    for controller in (load_balancer_controller.CONTROLLER, external_dns.CONTROLLER):
        theirs = connect(cloud.state / controller.name / "kubeconfig")
        assert list(theirs.list(Ingress, namespace="*"))
        with pytest.raises(ApiError, match=f'User "{controller.user}" cannot delete resource "ingresses"'):
            theirs.delete(Ingress, "argocd-server", namespace=SHARED.argocd.namespace)

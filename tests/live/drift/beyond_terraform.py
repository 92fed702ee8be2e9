"""Additions made by hand outside Terraform: no plan shows them, verify names them (docs/drift.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lightkube.models.core_v1 import ServicePort, ServiceSpec
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.models.networking_v1 import NetworkPolicyIngressRule, NetworkPolicySpec
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Service
from lightkube.resources.networking_v1 import Ingress, NetworkPolicy

from tests.account import SHARED
from tests.live.drift.drift_target import DriftTarget

_ATTRIBUTES = "alb.ingress.kubernetes.io/load-balancer-attributes"


@dataclass(frozen=True, kw_only=True)
class Addition:
    """One addition. check: verify's check, with names of the environment in it. says: part of that check's line."""

    name: str
    make: Callable[[DriftTarget], object]
    undo: Callable[[DriftTarget], object]
    check: str
    says: str
    environment: str = "staging"


def _create(target: DriftTarget, item: Any) -> None:  # noqa: ANN401 any object of the cluster
    client: Any = target.project.kubernetes
    client.create(item, namespace=target.names.namespace)


def _copy_elsewhere(target: DriftTarget) -> None:
    # To itself, so that nothing else must be created; only the existence of a rule matters.
    bucket = target.names.media_bucket
    rule = {
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {},
        "Destination": {"Bucket": f"arn:aws:s3:::{target.names.backups_bucket}"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
    }
    role = f"arn:aws:iam::{SHARED.account}:role/{target.names.core_api_role}"
    target.aws("s3").put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": role, "Rules": [rule]})


def _make_a_member(target: DriftTarget) -> None:
    target.run_sql("CREATE ROLE {member}", member="member_by_hand")
    target.run_sql("GRANT {role} TO {member}", role=target.names.database_role, member="member_by_hand")


def _admit_a_guest(target: DriftTarget) -> None:
    names = {"database": target.names.database, "guest": "guest_by_hand"}
    target.run_sql("CREATE ROLE {guest}", guest="guest_by_hand")
    target.run_sql("GRANT CONNECT ON DATABASE {database} TO {guest}", **names)


def _dismiss_the_guest(target: DriftTarget) -> None:
    names = {"database": target.names.database, "guest": "guest_by_hand"}
    target.run_sql("REVOKE ALL ON DATABASE {database} FROM {guest}", **names)
    target.run_sql("DROP ROLE {guest}", guest="guest_by_hand")


ADDITIONS = (
    Addition(
        name="a role that is a member of the environment's",
        make=_make_a_member,
        undo=lambda target: target.run_sql("DROP ROLE {member}", member="member_by_hand"),
        check="database members",
        says="member_by_hand is a member",
    ),
    Addition(
        name="a role that may connect to the database",
        make=_admit_a_guest,
        undo=_dismiss_the_guest,
        check="database access",
        says="guest_by_hand",
    ),
    Addition(
        name="browsers let in to the backups",
        make=lambda target: target.aws("s3").put_bucket_cors(
            Bucket=target.names.backups_bucket,
            CORSConfiguration={"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]},
        ),
        undo=lambda target: target.aws("s3").delete_bucket_cors(Bucket=target.names.backups_bucket),
        check="bucket {backups_bucket} origins",
        says="* is allowed",
    ),
    Addition(
        name="a bucket that is copied",
        make=_copy_elsewhere,
        undo=lambda target: target.aws("s3").delete_bucket_replication(Bucket=target.names.media_bucket),
        check="bucket {media_bucket} copies",
        says="objects are copied to",
    ),
    Addition(
        name="an attribute of the shared load balancer",
        make=lambda target: target.patch(
            Ingress, "web", {"metadata": {"annotations": {_ATTRIBUTES: "idle_timeout.timeout_seconds=10"}}}
        ),
        undo=lambda target: target.patch(Ingress, "web", {"metadata": {"annotations": {_ATTRIBUTES: None}}}),
        check="ingress web",
        says=f"{_ATTRIBUTES} affects the shared load balancer",
    ),
    Addition(
        name="a NetworkPolicy that lets everybody in",
        make=lambda target: _create(
            target,
            NetworkPolicy(
                metadata=ObjectMeta(name="by-hand"),
                spec=NetworkPolicySpec(
                    podSelector=LabelSelector(), policyTypes=["Ingress"], ingress=[NetworkPolicyIngressRule()]
                ),
            ),
        ),
        undo=lambda target: target.delete(NetworkPolicy, "by-hand"),
        check="network policies",
        says="by-hand should not exist",
    ),
    Addition(
        name="another Service",
        make=lambda target: _create(
            target,
            Service(
                metadata=ObjectMeta(name="by-hand"),
                spec=ServiceSpec(selector={"app": "web"}, ports=[ServicePort(port=80)]),
            ),
        ),
        undo=lambda target: target.delete(Service, "by-hand"),
        check="exposure",
        says="Service by-hand should not exist",
    ),
    Addition(
        name="an autoscaled Deployment scaled to nothing",
        make=lambda target: target.patch(Deployment, "web", {"spec": {"replicas": 0}}),
        undo=lambda target: target.patch(Deployment, "web", {"spec": {"replicas": 2}}),
        check="rollout web",
        says="0 pods are requested, not 2 to 10 pods",
        environment="prod",
    ),
)

"""Requests that an environment's deploy role must be able to make, in the forms that the attempts spoil."""

from collections.abc import Callable, Mapping

from modules.model.names import SECRET_STORE
from tests.live.isolation.api_objects import (
    APPS,
    BATCH,
    EXTERNAL,
    IMAGE,
    NETWORK,
    body,
    deployment,
    external_secret,
    ingress,
    job,
    path,
    pod_spec,
    secret_store,
    service,
)
from tests.live.isolation.attempt import Sides, creating
from tests.live.isolation.raw_api import Request

ADMITTED: Mapping[str, Callable[[Sides], Request]] = {
    "ingress": creating("ingresses", NETWORK, lambda it: ingress(it.own)),
    "ingress with TLS": creating(
        "ingresses", NETWORK, lambda it: ingress(it.own, tls=[{"hosts": [it.own.settings.web.hosts[0]]}])
    ),
    "service": creating("services", "", lambda _: service()),
    "headless service": creating("services", "", lambda _: service(clusterIP="None")),
    "Deployment": creating("deployments", APPS, lambda _: deployment(pod_spec())),
    "Deployment by digest": creating("deployments", APPS, lambda _: deployment(pod_spec(f"{IMAGE}@sha256:{'0' * 64}"))),
    "Job": creating("jobs", BATCH, lambda _: job(pod_spec())),
    "ExternalSecret": creating("externalsecrets", EXTERNAL, lambda it: external_secret(it.own)),
    # It exists: a deploy writes it again.
    "SecretStore": lambda it: Request(
        method="PATCH",
        path=path(it.own, "secretstores", SECRET_STORE, EXTERNAL),
        body=secret_store(SECRET_STORE),
    ),
    "service account": creating(
        "serviceaccounts",
        "",
        lambda it: body("ServiceAccount", annotations={"eks.amazonaws.com/role-arn": it.own.role_arn}),
    ),
    "restart": lambda it: Request(
        method="PATCH",
        path=path(it.own, "deployments", "web", APPS),
        body={"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}}},
    ),
    "scale": lambda it: Request(
        method="PATCH", path=path(it.own, "deployments/web/scale", group=APPS), body={"spec": {"replicas": 2}}
    ),
    "what may I do": lambda it: Request(
        method="POST",
        path="/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        body={
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": it.own.names.namespace},
        },
    ),
    "the namespace": lambda it: Request(
        method="PATCH",
        path=f"/api/v1/namespaces/{it.own.names.namespace}",
        body={"metadata": {"labels": {"team": "platform"}}},
    ),
    "a Job deleted": lambda it: Request(method="DELETE", path=path(it.own, "jobs", it.own.names.migration_job, BATCH)),
}

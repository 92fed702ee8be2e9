"""Requests that the API server must refuse to an environment's deploy role."""

from collections.abc import Callable, Iterator

from environments.schema.settings import Environment
from modules.model.kubernetes.ingress_annotations import CERTIFICATE, GROUP, HOSTNAME, LOAD_BALANCER, ORDER
from modules.model.names import admission_namespace
from tests.account import SHARED
from tests.live.isolation.api_objects import (
    APPS,
    BATCH,
    EXTERNAL,
    NAME,
    NETWORK,
    Body,
    body,
    deployment,
    external_secret,
    ingress,
    job,
    path,
    pod_spec,
    remote,
    secret_store,
    service,
)
from tests.live.isolation.attempt import Attempt, Made, Sides, creating
from tests.live.isolation.raw_api import RawApi, Request

ARGO, RBAC = "argoproj.io/v1alpha1", "rbac.authorization.k8s.io/v1"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
PARAMETERS = f"/api/v1/namespaces/{admission_namespace(SHARED)}"
# Neither from the account's registry nor an image of a neighbour.
FOREIGN = "docker.io/library/busybox:1.36.0"


def attempts_of(settings: Environment) -> Iterator[Attempt]:
    """Yield the attempts that this environment must refuse."""
    return (attempt for attempt in ATTEMPTS if settings.protected or not attempt.protected)


def not_refused(api: RawApi, sides: Sides) -> list[str]:
    """Return the names of the attempts that succeed. api: the API server as the deploy role of ``own`` reaches it."""
    return [it.name for it in attempts_of(sides.own.settings) if not it.is_refused(api.send(it.of(sides)))]


def _ingress(name: str, made: Made) -> Attempt:
    return Attempt(name=f"ingress: {name}", of=creating("ingresses", NETWORK, made), by="ingresses")


def _annotated(key: str, value: str) -> Attempt:
    return _ingress(f"annotation {key}", lambda it: ingress(it.own, annotations={key: value}))


def _service(name: str, made: Body) -> Attempt:
    return Attempt(name=f"service: {name}", of=creating("services", "", lambda _: made), by="services")


def _image(name: str, made: Body, kind: str = "deployments", *, protected: bool = False) -> Attempt:
    of = creating(kind, BATCH if kind == "jobs" else APPS, lambda _: made)
    return Attempt(name=f"image: {name}", of=of, by="images", protected=protected)


def _secret(name: str, made: Made, kind: str = "externalsecrets") -> Attempt:
    group = "" if kind == "serviceaccounts" else EXTERNAL
    return Attempt(name=f"secret: {name}", of=creating(kind, group, made), by="secrets")


def _store(name: str, made: Body) -> Attempt:
    return _secret(f"SecretStore {name}", lambda _: made, "secretstores")


def _labels(name: str, labels: dict[str, str | None]) -> Attempt:
    return Attempt(
        name=f"namespace: {name}",
        of=lambda it: Request(
            method="PATCH", path=f"/api/v1/namespaces/{it.own.names.namespace}", body={"metadata": {"labels": labels}}
        ),
        by="namespaces",
    )


def _kind(name: str, kind: str, group: str, made: Body | None) -> Attempt:
    return Attempt(
        name=f"kind: {name}",
        of=lambda it: Request(method="POST", path=path(it.own, kind, group=group), body=made),
        by="kinds",
    )


def _delete(name: str, kind: str, group: str = "", of: str = "") -> Attempt:
    return Attempt(
        name=f"deletion: {name}",
        of=lambda it: Request(method="DELETE", path=path(it.own, kind, of, group=group)),
        by="deletions",
        protected=True,
    )


def _no_right(name: str, method: str, of: Callable[[Sides], str], made: Body | None = None) -> Attempt:
    return Attempt(name=f"no right: {name}", of=lambda it: Request(method=method, path=of(it), body=made), by=None)


_BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
_TCP = [{"name": "http", "port": 80}]
_STORED: Body = {"extract": {"key": "mosaic/prod/session/secret-key"}}
_ENFORCE = "pod-security.kubernetes.io/enforce"

ATTEMPTS: tuple[Attempt, ...] = (
    _labels("Pod Security lowered", {_ENFORCE: "privileged"}),
    _labels("Pod Security taken away", {_ENFORCE: None}),
    _labels("Pod Security of an old version", {"pod-security.kubernetes.io/audit-version": "v1.22"}),
    _labels("no warnings of Pod Security", {"pod-security.kubernetes.io/warn": "privileged"}),
    _labels("labelled as another environment", {"environment": "other"}),
    _ingress("another environment's host", lambda it: ingress(it.own, rule={"host": it.other.settings.hosts[0]})),
    _ingress("every host", lambda it: ingress(it.own, rule={"host": None})),
    _ingress("TLS for another host", lambda it: ingress(it.own, tls=[{"hosts": [it.other.settings.hosts[0]]}])),
    _ingress("a public name", lambda it: ingress(it.own, annotations={HOSTNAME: it.other.settings.hosts[0]})),
    _ingress(
        "another environment's order",
        lambda it: ingress(it.own, annotations={ORDER: str(it.other.settings.web.ingress_order)}),
    ),
    _ingress("no order", lambda it: ingress(it.own, annotations={ORDER: None})),
    _ingress("another group", lambda it: ingress(it.own, annotations={GROUP: "elsewhere"})),
    _ingress("no group", lambda it: ingress(it.own, annotations={GROUP: None})),
    _ingress("another class", lambda it: ingress(it.own, ingressClassName="nginx")),
    _ingress("a default backend", lambda it: ingress(it.own, defaultBackend=_BACKEND)),
    *(
        _annotated(key, value)
        for key, value in {
            f"{LOAD_BALANCER}conditions.web": "[]",
            f"{LOAD_BALANCER}actions.web": '{"type":"redirect"}',
            f"{LOAD_BALANCER}load-balancer-attributes": "idle_timeout.timeout_seconds=1",
            f"{LOAD_BALANCER}scheme": "internal",
            f"{LOAD_BALANCER}security-groups": "sg-1",
            CERTIFICATE: "arn:aws:acm:us-east-1:210987654321:certificate/1",
        }.items()
    ),
    _service("NodePort", service(type="NodePort")),
    _service("LoadBalancer", service(type="LoadBalancer")),
    _service("ExternalName", service(type="ExternalName", externalName="example.org", selector=None, ports=None)),
    _service("external IPs", service(externalIPs=["10.20.0.1"])),
    _service("a public name", service(clusterIP="None", annotations={HOSTNAME: "www.mosaiclife.me"})),
    _image("of another registry", deployment(pod_spec(FOREIGN))),
    _image("of a registry that begins alike", deployment(pod_spec(f"{SHARED.image_registry}.example.org/web:1.0.0"))),
    _image(
        "of an init container",
        deployment(pod_spec(initContainers=[{**pod_spec(FOREIGN)["containers"][0], "name": "first"}])),
    ),
    _image("of a Job", job(pod_spec(FOREIGN)), "jobs"),
    _image("that can be moved", deployment(pod_spec(f"{SHARED.image_registry}/web:main")), protected=True),
    _image("without a tag", deployment(pod_spec(f"{SHARED.image_registry}/web")), protected=True),
    _secret("another path", lambda it: external_secret(it.own, data=remote(it.other.names.session_key))),
    _secret(
        "another cluster's store",
        lambda it: external_secret(it.own, store={"kind": "ClusterSecretStore", "name": "other"}),
    ),
    _secret("a store of its own", lambda it: external_secret(it.own, store={"kind": "SecretStore", "name": "a"})),
    _secret("a whole secret", lambda it: external_secret(it.own, dataFrom=[_STORED])),
    _secret("whatever is found", lambda it: external_secret(it.own, dataFrom=[{"find": {"name": {"regexp": "."}}}])),
    _secret(
        "a generator",
        lambda it: external_secret(
            it.own,
            data=[
                {
                    **remote(it.own.names.session_key)[0],
                    "sourceRef": {"storeRef": {"kind": "ClusterSecretStore", "name": "other"}},
                }
            ],
        ),
    ),
    *(
        _store(name, made)
        for name, made in {
            "of another name": secret_store("another"),
            "without authentication": secret_store("environment-secrets", auth=None),
            "with a role": secret_store("environment-secrets", role="arn:aws:iam::033691785857:role/other"),
            "of another service account": secret_store(
                "environment-secrets", auth={"jwt": {"serviceAccountRef": {"name": "core-api"}}}
            ),
            "with a key": secret_store(
                "environment-secrets",
                auth={
                    "secretRef": {
                        "accessKeyIDSecretRef": {"name": "a", "key": "b"},
                        "secretAccessKeySecretRef": {"name": "a", "key": "b"},
                    }
                },
            ),
        }.items()
    ),
    _secret(
        "another environment's role",
        lambda it: body("ServiceAccount", annotations={"eks.amazonaws.com/role-arn": it.other.role_arn}),
        "serviceaccounts",
    ),
    _kind("Pod", "pods", "", body("Pod", pod_spec())),
    _kind("Secret", "secrets", "", body("Secret")),
    _kind("ConfigMap", "configmaps", "", body("ConfigMap")),
    _kind(
        "CronJob",
        "cronjobs",
        BATCH,
        body("CronJob", {"schedule": "* * * * *", "jobTemplate": {"spec": job(pod_spec())["spec"]}}, version=BATCH),
    ),
    _kind(
        "EndpointSlice",
        "endpointslices",
        "discovery.k8s.io/v1",
        {**body("EndpointSlice", version="discovery.k8s.io/v1"), "addressType": "IPv4", "endpoints": []},
    ),
    _kind("Role", "roles", RBAC, {**body("Role", version=RBAC), "rules": []}),
    _kind(
        "RoleBinding",
        "rolebindings",
        RBAC,
        {
            **body("RoleBinding", version=RBAC),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        },
    ),
    _kind(
        "Argo CD's Application",
        "applications",
        ARGO,
        body("Application", {"project": "default", "destination": {"namespace": "argocd"}}, version=ARGO),
    ),
    _kind(
        "a service account's token",
        "serviceaccounts/core-api/token",
        "",
        {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"audiences": ["sts.amazonaws.com"]},
        },
    ),
    _kind("exec", f"pods/{NAME}/exec?command=id&stdout=true", "", None),
    _kind("attach", f"pods/{NAME}/attach?stdout=true&command=", "", None),
    _kind("port forwarding", f"pods/{NAME}/portforward?ports=8080", "", None),
    Attempt(
        name="kind: another namespace",
        of=lambda _: Request(method="POST", path="/api/v1/namespaces", body=body("Namespace")),
        by="kinds",
    ),
    _delete("the quota", "resourcequotas", of="quota"),
    _delete("the limits", "limitranges", of="limits"),
    _delete("a network policy", "networkpolicies", NETWORK, "default-deny"),
    _delete("all network policies", "networkpolicies", NETWORK),
    Attempt(
        name="deletion: the namespace",
        of=lambda it: Request(method="DELETE", path=f"/api/v1/namespaces/{it.own.names.namespace}"),
        by="deletions",
        protected=True,
    ),
    _no_right("a service elsewhere", "POST", lambda it: path(it.other, "services"), service()),
    _no_right("another's quota", "DELETE", lambda it: path(it.other, "resourcequotas", "quota")),
    _no_right("another's Pod Security", "PATCH", lambda it: f"/api/v1/namespaces/{it.other.names.namespace}", {}),
    _no_right("a policy deleted", "DELETE", lambda _: f"{ADMISSION}/validatingadmissionpolicies/mosaic-ingresses"),
    _no_right(
        "a policy changed",
        "PATCH",
        lambda _: f"{ADMISSION}/validatingadmissionpolicies/mosaic-ingresses",
        {"spec": {"validations": []}},
    ),
    _no_right(
        "a binding deleted",
        "DELETE",
        lambda it: f"{ADMISSION}/validatingadmissionpolicybindings/{it.own.names.namespace}-ingresses",
    ),
    _no_right(
        "a binding that only warns",
        "PATCH",
        lambda it: f"{ADMISSION}/validatingadmissionpolicybindings/{it.own.names.namespace}-ingresses",
        {"spec": {"validationActions": ["Warn"]}},
    ),
    _no_right(
        "parameters changed",
        "PATCH",
        lambda it: f"{PARAMETERS}/configmaps/{it.own.names.namespace}",
        {"data": {"immutable": "false"}},
    ),
    _no_right("parameters deleted", "DELETE", lambda it: f"{PARAMETERS}/configmaps/{it.own.names.namespace}"),
    _no_right("parameters made", "POST", lambda _: f"{PARAMETERS}/configmaps", body("ConfigMap")),
    _no_right("the parameters' namespace", "DELETE", lambda _: PARAMETERS),
)

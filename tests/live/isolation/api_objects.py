"""Objects that an environment's settings allow, for tests to spoil in one place."""

from typing import Any

from modules.model.admission.parameters import admission_parameters
from modules.model.kubernetes.ingress_annotations import CERTIFICATE, GROUP, HOSTNAME, LOAD_BALANCER, ORDER
from tests.account import SHARED
from tests.live.isolation.probe_pod import RESTRICTED
from tests.live.isolation.tenant import Tenant

Body = dict[str, Any]
APPS, BATCH = "apps/v1", "batch/v1"
NETWORK, EXTERNAL = "networking.k8s.io/v1", "external-secrets.io/v1"
NAME = "isolation-attempt"
IMAGE = RESTRICTED["containers"][0]["image"]


def path(tenant: Tenant, kind: str, name: str = "", group: str = "") -> str:
    """Return the path of a kind's objects in an environment's namespace. group: with its version, such as apps/v1."""
    api = f"/apis/{group}" if group else "/api/v1"
    return f"{api}/namespaces/{tenant.names.namespace}/{kind}{f'/{name}' if name else ''}"


def body(kind: str, spec: Body | None = None, *, version: str = "v1", annotations: Body | None = None) -> Body:
    """Return an object called NAME."""
    metadata: Body = {"name": NAME, **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **({"spec": spec} if spec is not None else {})}


def ingress(tenant: Tenant, *, annotations: Body | None = None, rule: Body | None = None, **spec: object) -> Body:
    """Return an ingress of the environment's web front end. annotations, rule, spec: what to add or, by None, omit."""
    host = tenant.settings.web.hosts[0]
    service = {"service": {"name": "web", "port": {"number": 80}}}
    plain = {
        GROUP: SHARED.load_balancer_group,
        ORDER: str(tenant.settings.web.ingress_order),
        HOSTNAME: host,
        CERTIFICATE: f"arn:aws:acm:{SHARED.region}:{SHARED.account}:certificate/1234",
        f"{LOAD_BALANCER}scheme": "internet-facing",
        f"{LOAD_BALANCER}target-type": "ip",
    }
    rules = [
        {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": service}]}, **(rule or {})}
    ]
    whole = _present({"ingressClassName": SHARED.ingress_class, "rules": [_present(it) for it in rules], **spec})
    return body(
        "Ingress", whole, version="networking.k8s.io/v1", annotations=_present({**plain, **(annotations or {})})
    )


def service(*, annotations: Body | None = None, **spec: object) -> Body:
    """Return a service of the environment's web front end."""
    plain = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80}]}
    return body("Service", _present({**plain, **spec}), annotations=annotations)


def pod_spec(image: str = IMAGE, **more: object) -> Body:
    """Return a pod that the restricted standard admits."""
    (container,) = RESTRICTED["containers"]
    return {"containers": [{**container, "image": image}], **more}


def deployment(spec: Body) -> Body:
    """Return a Deployment of such pods."""
    labels = {"app": NAME}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return body(
        "Deployment", {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}, version="apps/v1"
    )


def job(spec: Body) -> Body:
    """Return a Job with such a pod."""
    return body("Job", {"template": {"spec": {"restartPolicy": "Never", **spec}}}, version="batch/v1")


def external_secret(tenant: Tenant, *, store: Body | None = None, **spec: object) -> Body:
    """Return an ExternalSecret of the environment's session key."""
    kind, _, name = admission_parameters(tenant.settings, SHARED)["stores"].partition("/")
    entry = {"secretKey": "key", "remoteRef": {"key": tenant.names.session_key, "property": "secret-key"}}
    plain = {"secretStoreRef": store or {"kind": kind, "name": name}, "target": {"name": NAME}, "data": [entry]}
    return body("ExternalSecret", _present({**plain, **spec}), version="external-secrets.io/v1")


def remote(key: str) -> list[Body]:
    """Return the part of an ExternalSecret that copies from this path."""
    return [{"secretKey": "key", "remoteRef": {"key": key}}]


def secret_store(name: str, **aws: object) -> Body:
    """Return a SecretStore like the environment's own. aws: what to add to its provider or, by None, omit."""
    plain = {
        "service": "SecretsManager",
        "region": SHARED.region,
        "auth": {"jwt": {"serviceAccountRef": {"name": "external-secrets"}}},
    }
    made = body("SecretStore", {"provider": {"aws": _present({**plain, **aws})}}, version="external-secrets.io/v1")
    return {**made, "metadata": {"name": name}}


def _present(values: Body) -> Body:
    return {key: value for key, value in values.items() if value is not None}

"""What the policies know about one environment: texts by name; several values take one line each."""

from collections.abc import Iterable, Iterator, Mapping

from environments.schema.neighbour import weakest
from environments.schema.settings import Environment, Shared
from modules.model.kubernetes.ingress_annotations import own_load_balancer_annotations
from modules.model.names import (
    ALLOW,
    DEFAULT_DENY,
    LIMITS,
    QUOTA,
    SECRET_STORE,
    SECRET_STORE_ACCOUNT,
    Names,
    load_balancer_group,
)
from modules.model.neighbours import policy_name
from modules.model.pod_security import pod_security_labels
from modules.model.secrets import ApplicationSecrets
from modules.model.tags import aws_tags, labels


def admission_parameters(environment: Environment, shared: Shared) -> dict[str, str]:
    """The data of the environment's ConfigMap. Raises InvalidNameError.

    It depends only on the settings, not on a pause or on who delivers.
    """
    names = Names.of(environment, shared)
    own_load_balancer = own_load_balancer_annotations(aws_tags(environment, shared)) if environment.alb == "own" else {}
    secrets = ApplicationSecrets.of(environment, shared, names)
    return {
        "labels": _pairs({**labels(environment, shared), **pod_security_labels(weakest(environment.neighbours))}),
        "ingressClass": shared.ingress_class,
        "places": _lines(_places(environment, shared)),
        "ofOwnLoadBalancer": _pairs(own_load_balancer),
        "registry": shared.image_registry,
        "images": _lines(image for neighbour in environment.neighbours for image in neighbour.images),
        "immutable": str(environment.protected).lower(),
        "stores": f"SecretStore/{SECRET_STORE}",
        "storeName": SECRET_STORE,
        "storeAccount": SECRET_STORE_ACCOUNT,
        "paths": _lines(dict.fromkeys(secret.path for secret in secrets.all)),
        "roles": _lines(_roles(names, shared)),
        "kept": _lines(_kept(environment, names)),
    }


def _places(environment: Environment, shared: Shared) -> Iterator[str]:
    """Group, host and order of each load balancer rule that the environment or a neighbour may have."""
    group = load_balancer_group(environment, shared)
    for workload in (environment.web, environment.core_api):
        yield from (f"{group} {host} {workload.ingress_order}" for host in workload.hosts)
    for neighbour in environment.neighbours:
        order = neighbour.load_balancer_order
        yield from (f"{neighbour.load_balancer_group} {host} {order}" for host in neighbour.hosts)


def _roles(names: Names, shared: Shared) -> list[str]:
    """The roles that a service account may name."""
    return [f"arn:aws:iam::{shared.account}:role/{role}" for role in (names.core_api_role, names.secret_store_role)]


def _kept(environment: Environment, names: Names) -> Iterator[str]:
    """What only an administrator may delete, as RESOURCE/NAME; nothing unless the environment is protected."""
    if not environment.protected:
        return
    yield f"namespaces/{names.namespace}"
    yield from (f"resourcequotas/{QUOTA}", f"limitranges/{LIMITS}")
    own = [policy_name(neighbour) for neighbour in environment.neighbours if neighbour.connections]
    yield from (f"networkpolicies/{name}" for name in (DEFAULT_DENY, ALLOW, *own))


def _pairs(values: Mapping[str, str]) -> str:
    return _lines(f"{key}={value}" for key, value in values.items())


def _lines(values: Iterable[str]) -> str:
    return "\n".join(values)

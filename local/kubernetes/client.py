"""A lightkube client of the cluster."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError
from lightkube.core.resource import GlobalResource, NamespacedResource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.rbac_v1 import PolicyRule, RoleRef, Subject
from lightkube.resources.rbac_authorization_v1 import ClusterRole, ClusterRoleBinding


def connect(kubeconfig: Path) -> Client:
    """Return a client of the API server that this kubeconfig names."""
    return Client(config=KubeConfig.from_file(kubeconfig))


def create_if_absent(client: Client, resource: GlobalResource | NamespacedResource) -> None:
    """Create the object unless it exists. An existing object stays as it is, and passes no admission policy.

    Raises:
        ApiError: the API server refused it.

    """
    # Neither lightkube's base classes nor its overloads declare what every object has.
    known: Any = resource
    asking: Any = client
    place = {"namespace": known.metadata.namespace} if isinstance(resource, NamespacedResource) else {}
    try:
        asking.get(type(resource), known.metadata.name, **place)
    except ApiError as error:
        if error.status.code != HTTPStatus.NOT_FOUND:
            raise
        client.create(resource)


def create_cluster_role(client: Client, name: str, rules: Iterable[Mapping[str, Any]], subject: Subject) -> None:
    """Create a ClusterRole with these rules, bound to the subject, unless they exist. Raises ApiError."""
    metadata = ObjectMeta(name=name)
    create_if_absent(client, ClusterRole(metadata=metadata, rules=[PolicyRule(**rule) for rule in rules]))
    role = RoleRef(apiGroup="rbac.authorization.k8s.io", kind="ClusterRole", name=name)
    create_if_absent(client, ClusterRoleBinding(metadata=metadata, roleRef=role, subjects=[subject]))

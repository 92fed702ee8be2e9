"""A client of the cluster, as lightkube has it."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError
from lightkube.core.resource import GlobalResource, NamespacedResource


def connect(kubeconfig: Path) -> Client:
    """Return a client of the API server that this file names."""
    return Client(config=KubeConfig.from_file(kubeconfig))


def create_if_absent(client: Client, resource: GlobalResource | NamespacedResource) -> None:
    """Create the object; one that exists stays as it is, and no admission policy is asked of it.

    Raises:
        ApiError: the API server refused it.

    """
    # Neither lightkube's base classes nor its overloads know what every object has.
    known: Any = resource
    asking: Any = client
    place = {"namespace": known.metadata.namespace} if isinstance(resource, NamespacedResource) else {}
    try:
        asking.get(type(resource), known.metadata.name, **place)
    except ApiError as error:
        if error.status.code != HTTPStatus.NOT_FOUND:
            raise
        client.create(resource)

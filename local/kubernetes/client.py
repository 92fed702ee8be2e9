"""A client of the cluster, as lightkube has it."""

from pathlib import Path

from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError
from lightkube.core.resource import GlobalResource, NamespacedResource

_CONFLICT = 409


def connect(kubeconfig: Path) -> Client:
    """Return a client of the API server that this file names."""
    return Client(config=KubeConfig.from_file(kubeconfig))


def create_if_absent(client: Client, resource: GlobalResource | NamespacedResource) -> None:
    """Create the object; one that exists stays as it is.

    Raises:
        ApiError: the API server refused it for another reason.

    """
    try:
        client.create(resource)
    except ApiError as error:
        if error.status.code != _CONFLICT:
            raise

"""Creates definitions of custom resources and waits until the cluster serves them."""

import http
import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.runtime.certificates import Certificates
from local.runtime.errors import LocalCloudError
from local.runtime.health import client_context
from local.runtime.waiting import wait_until

_READY_SECONDS = 60
_REQUEST_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class CustomResource:
    """A custom resource by its group, version and plural name.

    ``definition`` returns its CustomResourceDefinition; it is called only if the cluster has none.
    """

    group: str
    version: str
    plural: str
    definition: Callable[[], Mapping[str, Any]]


def install_custom_resources(
    resources: Iterable[CustomResource], server: str, *, certificates: Certificates, cancelled: threading.Event
) -> None:
    """Create the missing definitions, and wait until the API server serves them.

    ``server``: the API server's URL.

    Raises:
        LocalCloudError: the API server refused a definition, or does not serve it within a minute.

    """
    api = _Api(server, client_context(certificates))
    absent = [resource for resource in resources if not api.serves(resource)]
    for resource in absent:
        api.define(resource.definition())
    for resource in absent:

        def problem(resource: CustomResource = resource) -> str | None:
            return None if api.serves(resource) else "the API server does not know it yet"

        wait_until(problem, what=f"{resource.plural} is not served", seconds=_READY_SECONDS, cancelled=cancelled)


class _Api:
    """Two requests for which lightkube would spend seconds on parsing half a megabyte of schema."""

    def __init__(self, server: str, context: ssl.SSLContext) -> None:
        self._server = server
        self._context = context

    def serves(self, resource: CustomResource) -> bool:
        return self._send(f"/apis/{resource.group}/{resource.version}/{resource.plural}?limit=1", None) is None

    def define(self, definition: Mapping[str, Any]) -> None:
        refusal = self._send("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json.dumps(definition))
        if refusal is not None and refusal.code != http.HTTPStatus.CONFLICT:
            name = definition["metadata"]["name"]
            raise LocalCloudError(f"the API server refused {name}: {refusal.read().decode()}") from refusal

    def _send(self, path: str, body: str | None) -> urllib.error.HTTPError | None:
        request = urllib.request.Request(  # noqa: S310 loopback
            self._server + path,
            data=None if body is None else body.encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=_REQUEST_SECONDS, context=self._context).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            return error
        return None

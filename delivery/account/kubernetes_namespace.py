"""The Kubernetes objects of one namespace, read as plain data."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx2
from lightkube import ApiError, Client
from lightkube.core.resource import NamespacedResource
from lightkube.resources.core_v1 import Namespace, Secret
from lightkube.types import PatchType

from delivery.account.error import AbsentError, CheckError
from delivery.redaction.mask import Mask

# A Kubernetes object as the API returns it.
Manifest = Mapping[str, Any]

# How long not to retry an API server that did not answer: a hanging connection takes seconds to time out, and most
# checks would wait for the same one.
_SILENCE_SECONDS = 10.0


class KubernetesNamespace:
    """One namespace in the client's cluster; the values of its Secrets are masked in all output.

    Every method raises CheckError if the object does not exist or the API server does not answer.
    """

    def __init__(self, client: Client, name: str, redaction: Mask) -> None:
        self._client = client
        self._name = name
        self._redaction = redaction
        self._silence = ""
        self._silent_until = 0.0

    def read(self, kind: type[NamespacedResource], name: str) -> Manifest:
        """Return an object of the namespace."""
        with self._asking(f"{kind.__name__} {name}"):
            return _manifest(self._client.get(kind, name, namespace=self._name))

    def read_all(self, kind: type[NamespacedResource], labels: Mapping[str, str] | None = None) -> list[Manifest]:
        """Return the objects of a kind that have these labels."""
        with self._asking(f"{kind.__name__}s"):
            found = self._client.list(kind, namespace=self._name, labels=dict(labels or {}))
            return [_manifest(item) for item in found]

    def read_secret(self, name: str) -> dict[str, str]:
        """Return the contents of a Secret in the namespace."""
        data: Mapping[str, str] = self.read(Secret, name).get("data", {})
        values = {key: base64.b64decode(value).decode() for key, value in data.items()}
        for value in values.values():
            self._redaction.add(value)
        return values

    def read_itself(self) -> Manifest:
        """Return the Namespace object itself."""
        with self._asking(f"namespace {self._name}"):
            return _manifest(self._client.get(Namespace, self._name))

    def warnings(self, labels: Mapping[str, str]) -> list[str]:
        """Return the API server's warnings if the namespace got these labels; a dry run that changes nothing."""
        with self._asking(f"namespace {self._name}"):
            # lightkube does not expose response headers, and the warnings are headers (RFC 7234, 299).
            answer = self._client._client.send(  # noqa: SLF001
                self._client._client._client.build_request(  # noqa: SLF001
                    "PATCH",
                    f"api/v1/namespaces/{self._name}",
                    params={"dryRun": "All"},
                    headers={"Content-Type": PatchType.MERGE.value},
                    json={"metadata": {"labels": dict(labels)}},
                )
            )
            if answer.status_code == HTTPStatus.NOT_FOUND:
                raise AbsentError(f"there is no namespace {self._name}")
            if answer.is_error:
                raise CheckError(f"cannot ask namespace {self._name} what it would refuse: {_message(answer)}")
            return [json.loads(text[text.index('"') :]) for text in answer.headers.get_list("warning")]

    def server_version(self) -> str:
        """Return the API server's version in the form that Pod Security labels use, such as v1.34."""
        with self._asking("version"):
            found = self._client._client._client.get("version").json()  # noqa: SLF001 lightkube has no call for it
            return f"v{found['major']}.{found['minor'].rstrip('+')}"

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        if time.monotonic() < self._silent_until:
            raise CheckError(self._silence)
        try:
            yield
        except ApiError as error:
            if error.status.code == HTTPStatus.NOT_FOUND:
                raise AbsentError(f"there is no {what}") from None
            raise
        except httpx2.TransportError as error:
            server = self._client.config.cluster.server
            self._silence = f"no answer from the API server {server}: {error}"
            self._silent_until = time.monotonic() + _SILENCE_SECONDS
            raise CheckError(self._silence) from None


def _manifest(found: Any) -> Manifest:  # noqa: ANN401 lightkube's types have no common base with to_dict
    manifest: Manifest = found.to_dict()
    return manifest


def _message(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError):
        return f"status {answer.status_code}"

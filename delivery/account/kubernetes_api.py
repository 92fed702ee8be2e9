"""The cluster's API server as paths and plain JSON, for kinds that lightkube lacks or that may not be installed."""

import base64
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
import httpx2

from delivery.account.cluster import TIMEOUT, token
from delivery.account.error import AbsentError, CheckError

if TYPE_CHECKING:
    from mypy_boto3_eks.type_defs import ClusterTypeDef


class UnknownCallerError(CheckError):
    """The API server does not recognize the caller."""


class NoAnswerError(CheckError):
    """The API server cannot be reached."""


class KubernetesApi:
    """An EKS cluster's API server, called as the session's IAM identity.

    cluster: as returned by ``eks.describe_cluster``. Every method raises AbsentError for a path that does not exist,
    UnknownCallerError, NoAnswerError, or CheckError with the server's own message.
    """

    def __init__(self, session: boto3.Session, cluster: "ClusterTypeDef") -> None:
        authority = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
        self._client = httpx2.Client(
            base_url=cluster["endpoint"],
            headers={"Authorization": f"Bearer {token(session, cluster['name'])}"},
            verify=ssl.create_default_context(cadata=authority),
            timeout=TIMEOUT,
            # The caller's proxy settings are not meant for the cluster; lightkube ignores them too.
            trust_env=False,
        )

    def get(self, path: str) -> dict[str, Any]:
        """The JSON at a path, such as ``/apis/apps``."""
        return self._send("GET", path, None)

    def text(self, path: str) -> str:
        """The text at a path, such as a pod's log."""
        return self._ask("GET", path, None).text

    def may(self, *, verb: str, group: str, resource: str, namespace: str) -> bool:
        """Whether the caller has this permission; the check changes nothing."""
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        answer = self._send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
        return bool(answer["status"]["allowed"])

    def _send(self, method: str, path: str, content: Mapping[str, object] | None) -> dict[str, Any]:
        found: dict[str, Any] = self._ask(method, path, content).json()
        return found

    def _ask(self, method: str, path: str, content: Mapping[str, object] | None) -> httpx2.Response:
        try:
            answer = self._client.request(method, path, json=content)
        except httpx2.TransportError as error:
            raise NoAnswerError(f"no answer from the API server {self._client.base_url}: {error}") from None
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise AbsentError(f"there is no {path}")
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise UnknownCallerError("the API server does not know the caller")
        if answer.is_error:
            raise CheckError(_message(answer))
        return answer


def _message(answer: httpx2.Response) -> str:
    denied = "AccessDenied: " if answer.status_code == HTTPStatus.FORBIDDEN else ""
    try:
        return f"{denied}{answer.json()['message']}"
    except (KeyError, TypeError, ValueError):
        return f"{denied}the API server answers {answer.status_code}"

"""Sends requests to the cluster's API server as its documentation writes them, where a client has no call for them."""

import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from delivery.account.cluster import TIMEOUT

MERGE = "application/merge-patch+json"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request; path: with its query, if any. It is a dry run unless it opens a connection."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None

    @property
    def url(self) -> str:
        """The path with the dry-run option, which connections do not accept."""
        return self.path if "command=" in self.path or "ports=" in self.path else f"{self.path}?dryRun=All"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The API server's answer. code: the HTTP status. message: the reason for a refusal; empty on success."""

    code: int
    message: str


class RawApi:
    """The API server as the holder of a token reaches it. cluster: as EKS describes it."""

    def __init__(self, cluster: Mapping[str, Any], token: str) -> None:
        authority = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
        self._client = httpx2.Client(
            base_url=cluster["endpoint"],
            headers={"Authorization": f"Bearer {token}"},
            verify=ssl.create_default_context(cadata=authority),
            timeout=TIMEOUT,
            trust_env=False,
        )

    def send(self, request: Request) -> Answer:
        """Send a request. Any answer of the API server counts as an answer."""
        headers = {"Content-Type": MERGE if request.method == "PATCH" else "application/json"}
        answer = self._client.request(request.method, request.url, json=request.body, headers=headers)
        if not answer.is_error:
            return Answer(code=answer.status_code, message="")
        try:
            message = str(answer.json()["message"])
        except (KeyError, TypeError, ValueError):
            message = answer.text
        return Answer(code=answer.status_code, message=message)

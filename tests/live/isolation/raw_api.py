"""The cluster's API server by requests as they are written in its documentation, for what a client's own calls lack."""

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
    """One request; path: with its query, if any. Nothing is made by it where the API server can be asked for that."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None

    @property
    def url(self) -> str:
        """The path with the word that nothing is to be stored; a connection takes no such word."""
        return self.path if "command=" in self.path or "ports=" in self.path else f"{self.path}?dryRun=All"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the API server says. code: the HTTP status. message: why not; empty where it is done."""

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
        """Ask. Whatever the API server answers is an answer."""
        headers = {"Content-Type": MERGE if request.method == "PATCH" else "application/json"}
        answer = self._client.request(request.method, request.url, json=request.body, headers=headers)
        if not answer.is_error:
            return Answer(code=answer.status_code, message="")
        try:
            message = str(answer.json()["message"])
        except (KeyError, TypeError, ValueError):
            message = answer.text
        return Answer(code=answer.status_code, message=message)

"""Checks that a URL answers over TLS with the host's certificate."""

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from functools import partial
from typing import Any

from delivery.account.error import CheckError

_SECONDS = 10


def answers(url: str, context: ssl.SSLContext | None = None, *, place: tuple[str, int] | None = None) -> str:
    """Request the URL and return its answer. Raises CheckError for any status but 200, and for no answer.

    context: whom to trust; the system's authorities by default. place: host and port to connect to instead of the
    URL's; the certificate must still have the URL's name, and no proxy is used.
    """
    handlers: list[Any] = [urllib.request.HTTPSHandler(context=context)]
    if place:
        handlers = [_HandlerAt(place, context), urllib.request.ProxyHandler({})]
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=_SECONDS) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    except (OSError, http.client.HTTPException) as error:
        raise CheckError(f"no answer: {error}") from None
    if status != 200:
        raise CheckError(f"status {status}")
    return f"200 from {url}"


class _ConnectionAt(http.client.HTTPSConnection):
    def __init__(self, host: str, *, place: tuple[str, int], context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(host, context=context, timeout=timeout)
        self._place, self._trusting = place, context

    def connect(self) -> None:
        """Connect to the place, and verify the host's certificate."""
        plain = socket.create_connection(self._place, self.timeout)
        self.sock = self._trusting.wrap_socket(plain, server_hostname=self.host)


class _HandlerAt(urllib.request.HTTPSHandler):
    def __init__(self, place: tuple[str, int], context: ssl.SSLContext | None) -> None:
        super().__init__()
        self._connection: Any = partial(_ConnectionAt, place=place, context=context or ssl.create_default_context())

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Open the URL at the place."""
        return self.do_open(self._connection, request)

"""Plain HTTP requests to the local cloud's servers, which a client library would not send."""

import http.client
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from local.runtime.certificates import KeyPair
from local.state import Cloud


def request(
    cloud: Cloud,
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    client: KeyPair | None = None,
) -> tuple[int, str]:
    """Send a request, trusting only the local authority; return the answer's status and text.

    client: the certificate that the caller presents; none by default.
    """
    target = urlsplit(url)
    assert target.hostname is not None
    connection: http.client.HTTPConnection
    if target.scheme == "https":
        context = ssl.create_default_context(cafile=str(cloud.certificates.authority))
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        connection = http.client.HTTPSConnection(target.hostname, target.port, context=context)
    else:
        connection = http.client.HTTPConnection(target.hostname, target.port)
    try:
        connection.request(method, f"{target.path}?{target.query}", body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()

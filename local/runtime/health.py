"""Asks a part whether it is ready for its clients."""

import ssl
import urllib.request

import psycopg

from local.runtime.certificates import Certificates

_SECONDS = 5


class NotReadyError(Exception):
    """A server answers, but is not ready."""


def check_health(address: str, certificates: Certificates) -> None:
    """Raise an error unless the server at this address says that it is ready.

    ``address``: an http or https URL that answers 200 when ready, with the text of the URL's fragment if there is one
    (the caller presents the administrator's certificate); or a postgresql URI that allows a login without a password.

    Raises:
        OSError: an http server does not answer, or not with success.
        NotReadyError: its answer lacks the text.
        psycopg.Error: PostgreSQL does not accept connections.

    """
    if address.startswith("postgresql:"):
        psycopg.connect(address, connect_timeout=_SECONDS).close()
        return
    url, _, text = address.partition("#")
    context = client_context(certificates) if url.startswith("https:") else None
    with urllib.request.urlopen(url, timeout=_SECONDS, context=context) as response:  # noqa: S310 one of ours
        if text not in response.read().decode():
            raise NotReadyError(f"the answer of {url} does not contain: {text}")


def client_context(certificates: Certificates) -> ssl.SSLContext:
    """Return the TLS settings of a client that trusts only the local authority and is the cluster's administrator."""
    context = ssl.create_default_context(cafile=str(certificates.authority))
    pair = certificates.client("administrator")
    context.load_cert_chain(pair.certificate, pair.key)
    return context

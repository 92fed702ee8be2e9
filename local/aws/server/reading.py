"""Recognizes requests to the AWS APIs that change nothing, so that there is nothing to save after them."""

from collections.abc import Mapping
from urllib.parse import parse_qs

_METHODS = {"GET", "HEAD", "OPTIONS"}
_ACTIONS = ("Describe", "Get", "List")
# GetSessionToken and GetFederationToken create credentials.
_MAKES_CREDENTIALS = "sts"


def only_reads(environ: Mapping[str, object], body: bytes, service: str) -> bool:
    """Whether a request only reads: by its method, or by its action if its API sends everything as POST.

    environ: of WSGI. service: its signing name.
    """
    if environ["REQUEST_METHOD"] in _METHODS:
        return True
    return service != _MAKES_CREDENTIALS and _action(environ, body).startswith(_ACTIONS)


def _action(environ: Mapping[str, object], body: bytes) -> str:
    """The action: the JSON protocol names it in a header, the query protocol in the form. Empty for other protocols."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    if "x-www-form-urlencoded" in str(environ.get("CONTENT_TYPE", "")):
        return parse_qs(body.decode("latin-1")).get("Action", [""])[0]
    return ""

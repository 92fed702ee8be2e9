"""Tells the API server who holds an EKS token, as EKS's own program does: it asks STS.

A token is ``k8s-aws-v1.`` and the base64 of a presigned URL of STS's GetCallerIdentity. This program sends that request
to the local STS, which verifies the signature, and answers the API server's TokenReview with the name and groups of the
caller's access entry; a caller without an entry is refused. It also answers SubjectAccessReviews from that entry's
access policies, which on EKS is the job of its authorizer.
https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
"""

import argparse
import base64
import binascii
import http.client
import json
import re
import ssl
import sys
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.aws.clients import AwsClients
from local.aws.credentials import EKS, KeyFile
from local.kubernetes.token_authenticator.cluster_access import CANONICAL_ARN, ClusterAccess

_PREFIX = "k8s-aws-v1."
_CLUSTER_HEADER = "x-k8s-aws-id"
_LONGEST_TOKEN = 16 * 1024
_STS_SECONDS = 5
# The only parameters of a presigned GetCallerIdentity: a token must not make STS do anything else.
_PARAMETERS = {
    "Action",
    "Version",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-User-Agent",
}
_ASSUMED_ROLE = re.compile(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/.+")


class InvalidTokenError(Exception):
    """The token proves nothing; the message says why and quotes no part of it."""


@dataclass(frozen=True, kw_only=True)
class Authenticator:
    """Judges tokens for one cluster.

    ``sts``: host:port of the only STS that is ever asked; ``cluster``: the name that a token must be signed for;
    ``account``: whose identities are accepted; ``administrator``: the ARN that becomes a member of system:masters;
    ``access``: EKS's rules for everyone else.
    """

    sts: str
    cluster: str
    account: str
    administrator: str
    access: ClusterAccess

    def user(self, token: str) -> dict[str, Any]:
        """Return the token's holder as a TokenReview's user; for an IAM role, the name is the session's.

        Raises:
            InvalidTokenError: the token is malformed or for another cluster or host, STS refuses it, or its holder has
                no access entry.

        """
        query = self._query(token)
        connection = http.client.HTTPConnection(self.sts, timeout=_STS_SECONDS)
        try:
            connection.request("GET", f"/?{query}", headers={_CLUSTER_HEADER: self.cluster})
            response = connection.getresponse()
            answer = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise InvalidTokenError(f"STS at {self.sts} does not answer: {error}") from error
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            code = _element(answer, "Code")
            raise InvalidTokenError(f"STS refuses it with status {response.status} ({code})")
        if _element(answer, "Account") != self.account:
            raise InvalidTokenError(f"its account is {_element(answer, 'Account')}; allowed: {self.account}")
        arn = _element(answer, "Arn")
        principal = _ASSUMED_ROLE.sub(r"arn:aws:iam::\1:role/\2", arn)
        session = arn.rpartition("/")[2] if principal != arn else ""
        name, groups = self._name_and_groups(principal)
        return {
            "username": name.replace("{{SessionName}}", session.replace("@", "-")).replace(
                "{{SessionNameRaw}}", session
            ),
            "uid": f"{self.account}:{_element(answer, 'UserId')}",
            "groups": groups,
            "extra": {"arn": [arn], CANONICAL_ARN: [principal], "sessionName": [session]},
        }

    def _name_and_groups(self, principal: str) -> tuple[str, list[str]]:
        # The creator of the cluster needs no entry.
        if principal == self.administrator:
            return principal, ["system:masters"]
        entry = self.access.entry(principal)
        if entry is None:
            raise InvalidTokenError(f"{principal} has no access entry in the cluster {self.cluster}")
        return entry["username"], entry["kubernetesGroups"]

    def _query(self, token: str) -> str:
        if not token.startswith(_PREFIX) or len(token) > _LONGEST_TOKEN:
            raise InvalidTokenError(f"it is not of the form {_PREFIX}... with at most {_LONGEST_TOKEN} characters")
        encoded = token.removeprefix(_PREFIX)
        try:
            url = urlsplit(
                base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True).decode()
            )
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            raise InvalidTokenError("it does not hold the base64 of a URL") from error
        if url.netloc != self.sts or url.path not in {"", "/"}:
            raise InvalidTokenError(f"its URL does not lead to the STS at {self.sts}")
        parameters = parse_qsl(url.query, keep_blank_values=True)
        values = dict(parameters)
        if len(values) != len(parameters) or not values.keys() <= _PARAMETERS:
            raise InvalidTokenError("its URL holds parameters that a presigned GetCallerIdentity does not have")
        if values.get("Action") != "GetCallerIdentity":
            raise InvalidTokenError("its URL is not for GetCallerIdentity")
        if _CLUSTER_HEADER not in values.get("X-Amz-SignedHeaders", "").split(";"):
            raise InvalidTokenError(f"its signature does not cover {_CLUSTER_HEADER}, the cluster's name")
        return url.query


def _element(document: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>", document)
    return found.group(1) if found else ""


def _handler(authenticator: Authenticator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            """Serve a connection, unless the caller has no certificate of the local authority."""
            try:
                super().handle()
            except ssl.SSLError as error:
                self.log_message("refused a connection: %s", error.reason)

        def do_GET(self) -> None:
            """Answer that the server is up."""
            self._answer({"status": "ok"})

        def do_POST(self) -> None:
            """Answer a TokenReview of authentication.k8s.io/v1, or a SubjectAccessReview of authorization.k8s.io/v1."""
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status: dict[str, Any]
            if review["kind"] == "SubjectAccessReview":
                status = {"allowed": authenticator.access.allows(review["spec"])}
            else:
                status = self._authenticate(review["spec"]["token"])
            self._answer({"apiVersion": review["apiVersion"], "kind": review["kind"], "status": status})

        def _authenticate(self, token: str) -> dict[str, Any]:
            try:
                user = authenticator.user(token)
            except InvalidTokenError as error:
                self.log_message("refused: %s", error)
                return {"authenticated": False, "error": f"the EKS token is refused: {error}"}
            self.log_message("admitted %s", user["username"])
            return {"authenticated": True, "user": user}

        def _answer(self, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(http.HTTPStatus.OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def main(arguments: list[str]) -> None:
    """Serve on loopback until SIGTERM."""
    parser = argparse.ArgumentParser(prog="local.kubernetes.token_authenticator.program")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument(
        "--client-authority", type=Path, required=True, help="the authority that issues the callers' certificates"
    )
    parser.add_argument("--sts", required=True, help="host:port")
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--account", required=True)
    parser.add_argument("--administrator", required=True, help="an ARN")
    parser.add_argument("--keys", type=Path, required=True, help="the file with the key for calls to EKS")
    options = parser.parse_args(arguments)

    key = KeyFile(options.keys).get(EKS)
    if key is None:
        raise SystemExit(f"{options.keys} holds no key of {EKS}")
    authenticator = Authenticator(
        sts=options.sts,
        cluster=options.cluster,
        account=options.account,
        administrator=options.administrator,
        access=ClusterAccess(AwsClients(f"http://{options.sts}", key).eks, options.cluster),
    )
    server = ThreadingHTTPServer((options.host, options.port), _handler(authenticator))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    # As on EKS, only the API server may ask: anyone else could find out here who may do what.
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(options.client_authority)
    # The handshake belongs to the connection's own thread, so that an idle client blocks nobody else.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])

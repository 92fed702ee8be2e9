"""The AWS APIs' server program: moto, with its state on disk, and with its callers' keys and permissions checked."""

import argparse
import base64
import functools
import io
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import FrameType, TracebackType
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from local.aws import github_tokens
from local.aws.credentials import KeyFile
from local.aws.error import AwsError
from local.aws.iam import authorization
from local.aws.iam.authentication import Authenticator, name_caller
from local.aws.iam.web_identity import WebIdentities
from local.aws.part import HEALTH_PATH
from local.aws.server import (
    access_entries,
    addons,
    cluster_updates,
    deleted_secret,
    dns_changes,
    endpoints,
    listener_certificates,
    pod_addresses,
    rule_priorities,
    staging_labels,
    vpc_endpoints,
)
from local.aws.server.endpoints import Endpoints
from local.aws.server.reading import only_reads
from local.aws.server.snapshot import Snapshot
from local.runtime.errors import LocalCloudError
from local.runtime.ports import HOST

# moto's own pages show every secret and clear all state, to anyone who asks.
_CLOSED_PREFIX = "/moto-api"

_Headers = list[tuple[str, str]]


class _Moto(DomainDispatcherApplication):
    """moto's WSGI application, which would otherwise list its own folders for each request."""

    # One lasts as long as the process.
    get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)


class Application:
    """The WSGI application around moto's.

    It serves one request at a time: moto's objects are not thread-safe, and a snapshot needs them unchanged.
    """

    def __init__(self, moto: WSGIApplication, authenticator: Authenticator, snapshot: Snapshot) -> None:
        self._moto = moto
        self._authenticator = authenticator
        self._snapshot = snapshot
        self.lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, per WSGI (PEP 3333)."""
        path = environ["PATH_INFO"]
        if path == HEALTH_PATH:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"ok\n"]
        if path.startswith(_CLOSED_PREFIX):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"closed in the local cloud\n"]
        try:
            status, headers, chunks = self._serve(environ)
        except AwsError as error:
            content_type, document = error.document()
            status, headers = error.status, [("Content-Type", content_type)]
            chunks = [] if environ["REQUEST_METHOD"] == "HEAD" else [document]
        start_response(status, headers)
        return chunks

    def _serve(self, environ: WSGIEnvironment) -> tuple[str, _Headers, list[bytes]]:
        body = _read_body(environ)
        with self.lock:
            service = self._authenticator.check(environ, body)
            name_caller(environ)
            answer = _call(self._moto, environ)
            if not only_reads(environ, body, service):
                try:
                    self._snapshot.save()
                except (LocalCloudError, OSError) as error:
                    message = f"Not saved: {error} `down`, then `up`, returns to the last saved state."
                    raise AwsError("InternalFailure", message, service, "500 Internal Server Error") from error
            return answer


class _RequestHandler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        # The query of a presigned URL is a credential.
        path = self.path.partition("?")[0] if "X-Amz-" in self.path else self.path
        # werkzeug's own log translates colours for terminals, which takes a tenth of a request's time.
        sys.stderr.write(f"[{self.log_date_time_string()}] {self.command} {path} {code} {size}\n")


def _read_body(environ: WSGIEnvironment) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return bytes(body)


def _call(application: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, _Headers, list[bytes]]:
    """Return the application's whole response before any of it is sent."""
    started: list[tuple[str, _Headers]] = []
    written: list[bytes] = []

    def start_response(
        status: str,
        headers: _Headers,
        _error: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None = None,
        /,
    ) -> "type[object]":
        started.append((status, headers))
        return written.append  # type: ignore[return-value]

    chunks = [*application(environ, start_response)]
    status, headers = started[-1]
    return status, headers, [*written, *chunks]


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM; by then every confirmed change is on disk."""
    parser = argparse.ArgumentParser(prog="local.aws.server.program")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where the account's state is kept")
    parser.add_argument("--keys", type=Path, required=True, help="the file that holds the root key")
    parser.add_argument("--kubernetes-url", required=True)
    parser.add_argument("--kubernetes-authority", type=Path, required=True, help="a PEM file")
    parser.add_argument("--oidc-issuer", required=True)
    parser.add_argument("--oidc-key", type=Path, required=True, help="a PEM file of the issuer's public key")
    parser.add_argument("--github-key", type=Path, required=True, help="a PEM file of GitHub's public key")
    parser.add_argument("--database-host", required=True)
    parser.add_argument("--pods", required=True, help="the pods' address range, in CIDR notation")
    parser.add_argument("--command-socket", type=Path, required=True, help="where the aws command is called")
    options = parser.parse_args(arguments)

    endpoints.install(
        Endpoints(
            kubernetes_url=options.kubernetes_url,
            kubernetes_authority=base64.b64encode(options.kubernetes_authority.read_bytes()).decode(),
            oidc_issuer=options.oidc_issuer,
            database_host=options.database_host,
        )
    )
    root = KeyFile(options.keys).root()
    identities = WebIdentities(keys={options.oidc_issuer: options.oidc_key, github_tokens.ISSUER: options.github_key})
    authorization.install(root.id, identities)
    access_entries.install()
    addons.install()
    cluster_updates.install()
    deleted_secret.install()
    dns_changes.install()
    listener_certificates.install()
    pod_addresses.install(options.pods)
    rule_priorities.install()
    staging_labels.install()
    vpc_endpoints.install()
    snapshot = Snapshot(options.folder)
    snapshot.restore()
    application = Application(
        _Moto(create_backend_app),
        Authenticator(Credentials(root.id, root.secret)),
        snapshot,
    )
    server = make_server(HOST, options.port, application, threaded=True, request_handler=_RequestHandler)

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    command = [sys.executable, "-m", "local.aws.command.program", str(options.command_socket)]
    # It ends when this pipe does, even if this process is killed.
    with subprocess.Popen(command, stdin=subprocess.PIPE):
        try:
            server.serve_forever()
        finally:
            # The current request is still answered and saved.
            application.lock.acquire(timeout=5)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The program that plays the load balancers: it answers for them, and for the pods behind them.

A request follows what the load balancer controller created in the local Elastic Load Balancing: listeners, rules by
priority, redirects, fixed responses, registered targets. Where it would reach a pod, the answer is JSON that names the
pod and its target group.
"""

import argparse
import itertools
import json
import socket
import ssl
import sys
import threading
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from local.aws.clients import AwsClients
from local.aws.credentials import KeyFile
from local.kubernetes.front_door.listeners import Listener, Listeners
from local.runtime.certificates import PUBLIC_HOSTS, Certificates, KeyPair
from local.runtime.ports import FRONT_DOOR, HOST
from modules.model.listener_rule import Answers, Rule, answering

_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a client. location: the target of a redirect."""

    status: int
    body: str = ""
    content_type: str = "text/plain"
    location: str | None = None


class FrontDoor:
    """Answers requests to the load balancers. kubernetes: the API server's URL. context: the login there."""

    def __init__(self, listeners: Listeners, kubernetes: str, context: ssl.SSLContext) -> None:
        self.listeners = listeners
        self._kubernetes = kubernetes
        self._context = context
        self._turns = itertools.count()

    def answer(self, listener: Listener, *, protocol: str, host: str, path: str, query: str) -> Answer:
        """Return a listener's answer to a request. Propagates its clients' exceptions."""
        rule = answering(listener.rules, host, path)[0]
        if rule.answers(host, path) is not Answers.ALWAYS:
            fields = ", ".join(condition.field for condition in rule.conditions)
            return Answer(status=HTTPStatus.NOT_IMPLEMENTED, body=f"not played here: {rule}, {fields}\n")
        if rule.fixed:
            return Answer(status=rule.fixed.status, content_type=rule.fixed.content_type, body=rule.fixed.body)
        if rule.redirect:
            location = rule.redirect.location(protocol=protocol, host=host, port=listener.port, path=path, query=query)
            return Answer(status=int(rule.redirect.status.removeprefix("HTTP_")), location=location)
        return self._forward(rule, host)

    def pod(self, address: str) -> dict[str, Any] | None:
        """Return the running pod with this address; None if there is none."""
        query = urlencode({"fieldSelector": f"status.podIP={address},status.phase=Running"})
        url = f"{self._kubernetes}/api/v1/pods?{query}"
        with urllib.request.urlopen(url, timeout=_SECONDS, context=self._context) as answer:  # noqa: S310 our own
            found: list[dict[str, Any]] = json.load(answer)["items"]
        return found[0] if found else None

    def _forward(self, rule: Rule, host: str) -> Answer:
        targets = [(group, *it) for group in rule.target_groups for it in self.listeners.targets(group)]
        if not targets:
            return Answer(status=HTTPStatus.SERVICE_UNAVAILABLE)
        group, address, port = targets[next(self._turns) % len(targets)]
        pod = self.pod(address)
        if pod is None:
            return Answer(status=HTTPStatus.BAD_GATEWAY, body=f"no pod has the address {address}\n")
        metadata = pod["metadata"]
        found = {
            "environment": metadata.get("labels", {}).get("environment"),
            "namespace": metadata["namespace"],
            "host": host,
            "service": self.listeners.made_of(group),
            "pod": metadata["name"],
            "ip": address,
            "port": port,
        }
        return Answer(status=HTTPStatus.OK, content_type="application/json", body=json.dumps(found) + "\n")


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    server_version, sys_version = "mosaic-front-door", ""
    timeout = _SECONDS

    def do_GET(self) -> None:
        """Answer as the load balancer would; if it does not listen, close the connection."""
        door, (path, _, query) = self.server.door, self.path.partition("?")
        host = self.headers.get("Host", "").partition(":")[0]
        try:
            if (host, path) == (HOST, "/healthz"):
                door.listeners.all()
                self._send(Answer(status=HTTPStatus.OK))
                return
            listener = door.listeners.find(self.server.stands_for, host)
            if listener:
                protocol = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
                self._send(door.answer(listener, protocol=protocol, host=host, path=path, query=query))
        except (ClientError, BotoCoreError, OSError) as error:
            print(f"{host}{path}: {type(error).__name__}: {error}", flush=True)
            self._send(Answer(status=HTTPStatus.INTERNAL_SERVER_ERROR))

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self.do_GET()

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that it has in the library
        """Log nothing about requests that succeed."""


class _Server(ThreadingHTTPServer):
    """Listens on a port of the local cloud in place of a load balancer's. pair: for TLS."""

    def __init__(self, port: int, door: FrontDoor, stands_for: int, pair: KeyPair | None = None) -> None:
        super().__init__((HOST, port), _Handler)
        self.door, self.stands_for, self._context = door, stands_for, None
        if pair:
            self._certificate = pair.certificate.read_text(encoding="ascii").strip()
            # TLS 1.2 and 1.3, whatever the listener's policy: the listener is known only after the version is settled.
            self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._context.load_cert_chain(pair.certificate, pair.key)
            self._context.sni_callback = self._choose

    def get_request(self) -> tuple[socket.socket, Any]:
        """Leave the handshake to the connection's own thread, so that a silent client blocks nobody."""
        connection, client = super().get_request()
        if self._context:
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, client

    def handle_error(self, *_: object) -> None:
        """Log a connection's error on one line; usually its client rejected the certificate."""
        print(f"a connection to port {self.stands_for}: {sys.exc_info()[1]!r}", flush=True)

    def _choose(self, _socket: object, name: str | None, _context: object) -> int | None:
        """Continue if the listener for the name has the certificate whose key is here; there is no other key."""
        try:
            listener = self.door.listeners.find(self.stands_for, name or "")
        except (ClientError, BotoCoreError) as error:
            print(f"{name}: {type(error).__name__}: {error}", flush=True)
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        if listener and self._certificate in listener.certificates:
            return None
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


def main(arguments: list[str]) -> None:
    """Answer until SIGTERM."""
    parser = argparse.ArgumentParser(prog="local.kubernetes.front_door.program")
    for name, kind in {"https": int, "http": int, "aws": str, "kubernetes": str, "keys": Path, "issued": Path}.items():
        parser.add_argument(f"--{name}", type=kind, required=True)
    options = parser.parse_args(arguments)
    key, certificates = KeyFile(options.keys).get(FRONT_DOOR), Certificates(folder=options.issued)
    if key is None:
        sys.exit(f"{options.keys} holds no key of {FRONT_DOOR}")
    login, context = certificates.client(FRONT_DOOR), ssl.create_default_context(cafile=str(certificates.authority))
    context.load_cert_chain(login.certificate, login.key)
    door = FrontDoor(Listeners(AwsClients(options.aws, key)), options.kubernetes, context)
    https = _Server(options.https, door, 443, certificates.server(PUBLIC_HOSTS))
    threading.Thread(target=https.serve_forever, daemon=True).start()
    _Server(options.http, door, 80).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])

"""The values that Secrets Manager generates, kept by a proxy in front of it: one that a plan drops is nowhere else."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

from tests.live.project import Project
from tests.live.secret_values import SecretValue

_CLOUD = "modules/base/cloud.py"
# Of an answer, what is said of the connection itself; http.server writes a length of its own.
_OWN = {"connection", "content-length", "date", "server", "transfer-encoding"}


class GeneratedValues:
    """What went through the proxy at ``url``; no value is ever printed."""

    def __init__(self, url: str | None) -> None:
        """url: of the proxy, if there is one."""
        self._url = url
        self._values: list[str] = []

    def __repr__(self) -> str:
        """Without values."""
        return f"{len(self._values)} generated values"

    def add(self, value: str) -> None:
        """Keep one."""
        self._values.append(value)

    @property
    def values(self) -> list[SecretValue]:
        """All so far, named by their order."""
        return [SecretValue(f"generated value {number}", value) for number, value in enumerate(self._values, 1)]

    def watch(self, copy: Project) -> None:
        """Let a copy of the project ask Secrets Manager through the proxy, if there is one."""
        if self._url is None:
            return
        text = copy.edited(_CLOUD, {"secretsmanager=self.endpoint": f'secretsmanager="{self._url}"'})
        (copy.root / _CLOUD).write_text(text)


@contextmanager
def generated_values(endpoint: str | None) -> Iterator[GeneratedValues]:
    """Serve the proxy. endpoint: of the local cloud's AWS APIs; None: there is no proxy in front of AWS."""
    if endpoint is None:
        yield GeneratedValues(None)
        return
    # Where it is known not to be None, also below.
    cloud, pool = endpoint, urllib3.PoolManager()

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            # Every header as it was: the request is signed, with this proxy's address in it.
            answer = pool.request(
                "POST",
                cloud + self.path,
                body=self.rfile.read(int(self.headers["Content-Length"])),
                headers=dict(self.headers),
                retries=False,
            )
            if answer.status == 200 and self.headers["X-Amz-Target"].endswith(".GetRandomPassword"):
                generated.add(json.loads(answer.data)["RandomPassword"])
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _OWN:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        generated = GeneratedValues(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield generated
        finally:
            server.shutdown()
            thread.join()

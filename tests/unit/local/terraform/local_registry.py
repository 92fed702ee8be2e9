"""An HTTP server on loopback that implements the registry's version list."""

import http.server
import json

from tests.unit.local.terraform.mirrors import PLATFORM


class LocalRegistry(http.server.ThreadingHTTPServer):
    """``versions`` (by source address), ``platform`` and ``status`` define its answer; ``asked`` has the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.versions: dict[str, list[str]] = {}
        self.platform = PLATFORM
        self.asked: list[str] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: LocalRegistry

    def do_GET(self) -> None:
        address = self.path.removeprefix("/v1/providers/").removesuffix("/versions")
        self.server.asked.append(address)
        system, _, machine = self.server.platform.partition("_")
        versions = self.server.versions.get(address)
        body = {
            "versions": [
                {"version": version, "platforms": [{"os": system, "arch": machine}]} for version in versions or []
            ]
        }
        self.send_response(404 if self.server.status == 200 and not versions else self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that the library calls
        pass

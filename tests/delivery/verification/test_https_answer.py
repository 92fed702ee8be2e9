"""A host must answer 200 with a certificate for its name."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import trustme

from delivery.account.error import CheckError
from delivery.verification.https_answer import answers


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, ssl.SSLContext]]:
    """An HTTPS server for localhost; yields its URL and trusted CA. It answers 200, and 503 at /broken."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if self.path == "/broken" else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    authority = trustme.CA()
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.socket = serving.wrap_socket(http.socket, server_side=True)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"https://localhost:{http.server_port}", trusting
        http.shutdown()


def test_a_host_that_answers_200_is_accepted(server: tuple[str, ssl.SSLContext]) -> None:
    url, trusting = server
    assert answers(f"{url}/healthz", trusting) == f"200 from {url}/healthz"


def test_an_answer_other_than_200_is_reported(server: tuple[str, ssl.SSLContext]) -> None:
    url, trusting = server
    with pytest.raises(CheckError, match="status 503"):
        answers(f"{url}/broken", trusting)


def test_a_certificate_from_an_unknown_authority_is_refused(server: tuple[str, ssl.SSLContext]) -> None:
    url, _ = server
    with pytest.raises(CheckError, match="CERTIFICATE_VERIFY_FAILED"):
        answers(url)


def test_a_certificate_for_another_name_is_refused(server: tuple[str, ssl.SSLContext]) -> None:
    url, trusting = server
    with pytest.raises(CheckError, match="CERTIFICATE_VERIFY_FAILED"):
        answers(url.replace("localhost", "127.0.0.1"), trusting)


def test_an_unresponsive_host_is_reported(server: tuple[str, ssl.SSLContext]) -> None:
    _, trusting = server
    with pytest.raises(CheckError, match="no answer"):
        answers("https://127.0.0.1:1", trusting)


def port_of(server: tuple[str, ssl.SSLContext]) -> int:
    return urlsplit(server[0]).port or 0


def test_a_host_is_requested_at_its_substitute_address(server: tuple[str, ssl.SSLContext]) -> None:
    url = "https://localhost/healthz"
    assert answers(url, server[1], place=("127.0.0.1", port_of(server))) == f"200 from {url}"


def test_the_substitutes_certificate_must_still_match_the_host(server: tuple[str, ssl.SSLContext]) -> None:
    with pytest.raises(CheckError, match="CERTIFICATE_VERIFY_FAILED"):
        answers("https://stage.mosaiclife.me/", server[1], place=("127.0.0.1", port_of(server)))

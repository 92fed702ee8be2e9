"""The verification reads the API server, and does not retry a request that got no answer."""

import socket
import threading
from collections.abc import Iterator

import pytest
from lightkube import Client
from lightkube.config.kubeconfig import KubeConfig
from lightkube.resources.core_v1 import ConfigMap, Secret

from delivery.account.error import CheckError
from delivery.account.kubernetes_namespace import KubernetesNamespace
from delivery.redaction.mask import Mask


class Mute:
    """A server that accepts connections, counts them, and closes each without an answer."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def _serve(self) -> None:
        while self.socket.fileno() >= 0:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()


@pytest.fixture
def mute() -> Iterator[Mute]:
    server = Mute()
    yield server
    server.socket.shutdown(socket.SHUT_RDWR)
    server.socket.close()


def test_an_unresponsive_api_server_is_reported_and_not_retried_at_once(mute: Mute) -> None:
    configuration = {
        "clusters": [{"name": "mute", "cluster": {"server": mute.url}}],
        "users": [{"name": "mute", "user": {}}],
        "contexts": [{"name": "mute", "context": {"cluster": "mute", "user": "mute"}}],
        "current-context": "mute",
    }
    client = Client(KubeConfig.from_dict(configuration))
    namespace = KubernetesNamespace(client, "mosaic-staging", Mask())
    for kind in (Secret, ConfigMap):
        with pytest.raises(CheckError, match=f"no answer from the API server {mute.url}: "):
            namespace.read(kind, "any")
    assert mute.connections == 1
    namespace._silent_until = 0.0
    with pytest.raises(CheckError, match="no answer"):
        namespace.read(Secret, "any")
    assert mute.connections == 2

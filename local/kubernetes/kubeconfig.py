"""Kubernetes client configuration files."""

import base64
import json
from pathlib import Path
from typing import Any

from local.runtime.certificates import KeyPair
from local.runtime.private_files import write_private

_NAME = "mosaic-local"


def write_kubeconfig(path: Path, *, server: str, authority: Path, client: KeyPair | None = None) -> Path:
    """Write a self-contained kubeconfig of mode 0600: it embeds the certificates instead of naming their files.

    ``server``: the https URL; ``authority``: verifies its certificate; ``client``: the certificate with which the
    client logs in (None: the server asks for none). Returns the path.
    """
    user: dict[str, Any] = {}
    if client is not None:
        user = {"client-certificate-data": _base64(client.certificate), "client-key-data": _base64(client.key)}
    configuration = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": _NAME, "cluster": {"server": server, "certificate-authority-data": _base64(authority)}},
        ],
        "users": [{"name": _NAME, "user": user}],
        "contexts": [{"name": _NAME, "context": {"cluster": _NAME, "user": _NAME}}],
        "current-context": _NAME,
    }
    # JSON is YAML, so every client reads it.
    write_private(path, json.dumps(configuration, indent=2))
    return path


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()

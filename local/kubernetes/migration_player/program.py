"""Leaves in a database what a finished migration leaves for others to see: Alembic's version table.

kwok lets a migration's pod succeed without running its container. This program then logs in as that container would,
with the DB_URL that the pod refers to, and writes the image's tag where Alembic writes its revision. It does so once
for each pod: a database that is recreated later stays without the table until another pod has run.
"""

import argparse
import base64
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
from lightkube import Client
from lightkube.resources.core_v1 import Pod, Secret

from local.kubernetes.client import connect

COMPONENT: dict[str, Any] = {"app.kubernetes.io/component": "migration"}
_PLAYED = "local-cloud/migration-played"
_VARIABLE = "DB_URL"
_PAUSE_SECONDS = 1.0
_CONNECT_SECONDS = 5
# The width of Alembic's column.
_LONGEST_REVISION = 32


def finished_migrations(client: Client) -> Iterator[dict[str, Any]]:
    """Yield each migration pod that succeeded and was not played yet. Propagates the client's exceptions."""
    for pod in client.list(Pod, namespace="*", labels=COMPONENT, fields={"status.phase": "Succeeded"}):
        # Plain values, because lightkube's types declare every field as optional.
        document = pod.to_dict()
        if _PLAYED not in document["metadata"].get("annotations", {}):
            yield document


def play(client: Client, pod: Mapping[str, Any]) -> None:
    """Play the migration of a pod; a container without DB_URL migrates nothing.

    Raises:
        ApiError: the API server refuses, or does not have the Secret (any more).
        LookupError: the Secret has no such key.
        psycopg.Error: the database refuses the login, or the creation of a table.

    """
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    container = pod["spec"]["containers"][0]
    for variable in container.get("env", []):
        if variable["name"] == _VARIABLE:
            reference = variable["valueFrom"]["secretKeyRef"]
            secret = client.get(Secret, reference["name"], namespace=namespace)
            url = base64.b64decode((secret.data or {})[reference["key"]]).decode()
            write_revision(url, revision_of(container["image"]))
            print(f"played the migration of {namespace}/{name}", flush=True)
    client.patch(Pod, name, {"metadata": {"annotations": {_PLAYED: ""}}}, namespace=namespace)


def revision_of(image: str) -> str:
    """Return the image's tag, or the digits of its digest, cut to the width of Alembic's column."""
    return re.split(r"[:@]", image.rpartition("/")[2])[-1][:_LONGEST_REVISION]


def write_revision(url: str, revision: str) -> None:
    """Set the database's revision, replacing any other. ``url``: with SQLAlchemy's driver name.

    Raises:
        psycopg.Error: the database refuses the login, or the creation of a table.

    """
    with psycopg.connect(re.sub(r"^postgresql\+\w+:", "postgresql:", url), connect_timeout=_CONNECT_SECONDS) as session:
        session.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY)")
        session.execute("DELETE FROM alembic_version")
        session.execute("INSERT INTO alembic_version VALUES (%s)", [revision])


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer that the program runs."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that it has in the library
        """Log nothing: only the local cloud asks."""


def main(arguments: list[str]) -> None:
    """Play migrations until SIGTERM. A failure is logged once, and retried."""
    parser = argparse.ArgumentParser(prog="local.kubernetes.migration_player.program")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    options = parser.parse_args(arguments)

    server = ThreadingHTTPServer((options.host, options.port), _Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client, said = connect(options.kubeconfig), set[str]()
    while True:
        for problem in _play_all(client):
            if problem not in said:
                print(problem, flush=True)
            said.add(problem)
        time.sleep(_PAUSE_SECONDS)


def _play_all(client: Client) -> Iterator[str]:
    """Play every pending migration; yield the errors. The API server or a database may be down and come back."""
    try:
        for pod in finished_migrations(client):
            try:
                play(client, pod)
            except Exception as error:  # noqa: BLE001 one pod's trouble is not another's
                yield f"{pod['metadata']['namespace']}/{pod['metadata']['name']}: {type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 as above
        yield f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main(sys.argv[1:])

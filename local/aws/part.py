"""The AWS part of the local cloud: the URL of its APIs, and how its server program starts."""

import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from local.aws import github_tokens
from local.aws.credentials import KeyFile
from local.runtime.certificates import Certificates
from local.runtime.ports import AWS, HOST
from local.runtime.process import Part
from modules.model.project import ROOT
from modules.model.selected_settings import SHARED

HEALTH_PATH = "/moto-api/health"
_MOTO_SETTINGS = {
    "MOTO_ACCOUNT_ID": SHARED.account,
    # No AMI is used here, and they make up nine tenths of a snapshot.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    # Larger S3 objects stay out of memory.
    "MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": "65536",
}


def aws_endpoint(ports: Mapping[str, int]) -> str:
    """Return the URL of all AWS services of the account."""
    return f"http://{HOST}:{ports[AWS]}"


def command_socket(state: Path) -> Path:
    """Return the socket of the process that runs the aws command (local/aws/command/program.py)."""
    return state / "aws" / "command.socket"


def aws_part(
    state: Path,
    ports: Mapping[str, int],
    *,
    keys: KeyFile,
    kubernetes_url: str,
    certificates: Certificates,
    oidc_issuer: str,
    pods: str,
) -> Part:
    """Return the server, which keeps its state in the folder ``aws`` of the state folder.

    pods: the range of their addresses, in CIDR notation.
    """
    url = aws_endpoint(ports)
    options = {
        "port": str(ports[AWS]),
        "folder": str(state / "aws"),
        "keys": str(keys.path),
        "kubernetes-url": kubernetes_url,
        "kubernetes-authority": str(certificates.authority),
        "oidc-issuer": oidc_issuer,
        "oidc-key": str(certificates.service_account_public_key),
        "github-key": str(github_tokens.public_key(state)),
        "database-host": HOST,
        "pods": pods,
        "command-socket": str(command_socket(state)),
    }
    return Part(
        name=AWS,
        version=f"moto {version('moto')}",
        port=ports[AWS],
        address=url,
        command=(
            sys.executable,
            "-m",
            "local.aws.server.program",
            *(word for name, value in options.items() for word in (f"--{name}", value)),
        ),
        environment={"PYTHONPATH": str(ROOT), **_MOTO_SETTINGS},
        health=url + HEALTH_PATH,
    )

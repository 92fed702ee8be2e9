"""How the program that plays the load balancers starts, and its identity in the cluster."""

import sys
from collections.abc import Mapping

from lightkube import Client
from lightkube.models.rbac_v1 import Subject

from local.aws.credentials import KeyFile
from local.aws.part import aws_endpoint
from local.kubernetes.client import create_cluster_role
from local.kubernetes.control_plane import kubernetes_url
from local.runtime.certificates import Certificates
from local.runtime.ports import FRONT_DOOR, FRONT_DOOR_HTTP, HOST
from local.runtime.process import Part
from modules.model.project import ROOT


def front_door_part(ports: Mapping[str, int], certificates: Certificates, keys: KeyFile) -> Part:
    """Return the program, which answers requests to the load balancers' ports 443 and 80."""
    options = {
        "https": ports[FRONT_DOOR],
        "http": ports[FRONT_DOOR_HTTP],
        "aws": aws_endpoint(ports),
        "kubernetes": kubernetes_url(ports),
        "keys": keys.path,
        "issued": certificates.folder,
    }
    return Part(
        name=FRONT_DOOR,
        version=f"Python {sys.version.split()[0]}",
        port=ports[FRONT_DOOR],
        address=f"https://{HOST}:{ports[FRONT_DOOR]}",
        health=f"http://{HOST}:{ports[FRONT_DOOR_HTTP]}/healthz",
        command=(
            sys.executable,
            *("-m", "local.kubernetes.front_door.program"),
            *(f"--{name}={value}" for name, value in options.items()),
        ),
        environment={"PYTHONPATH": str(ROOT)},
    )


def create_front_door_account(client: Client) -> None:
    """Allow it to list pods, so that it can name the pod that would have answered, and nothing else."""
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    subject = Subject(apiGroup="rbac.authorization.k8s.io", kind="User", name=FRONT_DOOR)
    create_cluster_role(client, FRONT_DOOR, rules, subject)

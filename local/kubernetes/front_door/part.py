"""How the program that plays the load balancers is started, and who it is in the cluster."""

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
    """Return the program, which takes what clients send to the load balancers' ports 443 and 80."""
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
    """Let it list pods, by which it says which one would have answered, and do nothing else."""
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    subject = Subject(apiGroup="rbac.authorization.k8s.io", kind="User", name=FRONT_DOOR)
    create_cluster_role(client, FRONT_DOOR, rules, subject)

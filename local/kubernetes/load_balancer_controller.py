"""The AWS Load Balancer Controller: creates the load balancers, rules and target groups that ingresses ask for."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from lightkube import Client

from local.aws.part import aws_endpoint
from local.build.programs import Programs
from local.kubernetes.controller import Controller
from local.kubernetes.custom_resources import CustomResource
from local.runtime.certificates import Certificates
from local.runtime.ports import HOST
from local.runtime.process import Part
from modules.model.selected_settings import SHARED

LOAD_BALANCER_CONTROLLER = "aws-load-balancer-controller"
# The namespace in AWS's instructions.
CONTROLLER = Controller(name=LOAD_BALANCER_CONTROLLER, namespace="kube-system")
_WEBHOOK = f"{LOAD_BALANCER_CONTROLLER}-webhook"
_GROUP, _VERSION = "elbv2.k8s.aws", "v1beta1"


def load_balancer_controller_part(
    state: Path, ports: Mapping[str, int], *, certificates: Certificates, programs: Programs, vpc: str
) -> Part:
    """Return the controller, for the cluster in the VPC with this id.

    It requires webhooks, so they are served, but not registered: a deploy must not wait for the program that is built
    last.
    """
    address = f"{HOST}:{ports[LOAD_BALANCER_CONTROLLER]}"
    serving = certificates.server(LOAD_BALANCER_CONTROLLER)
    endpoints = ("EC2", "Elastic Load Balancing v2", "ACM", "STS", "Resource Groups Tagging API")
    options = {
        "kubeconfig": CONTROLLER.kubeconfig(state, ports, certificates),
        "cluster-name": SHARED.cluster,
        "aws-region": SHARED.region,
        "aws-vpc-id": vpc,
        "aws-api-endpoints": ",".join(f"{service}={aws_endpoint(ports)}" for service in endpoints),
        "ingress-class": SHARED.ingress_class,
        "health-probe-bind-addr": address,
        "metrics-bind-addr": "0",
        "webhook-bind-port": ports[_WEBHOOK],
        "webhook-cert-dir": serving.certificate.parent,
        "webhook-cert-file": serving.certificate.name,
        "webhook-key-file": serving.key.name,
        "enable-leader-election": "false",
        "enable-shield": "false",
        "enable-waf": "false",
        "enable-wafv2": "false",
    }
    return Part(
        name=LOAD_BALANCER_CONTROLLER,
        version=programs.versions[LOAD_BALANCER_CONTROLLER],
        port=ports[LOAD_BALANCER_CONTROLLER],
        address=f"http://{address}",
        command=(
            str(programs.aws_load_balancer_controller),
            *(f"--{option}={value}" for option, value in options.items()),
        ),
        environment=CONTROLLER.environment(state, ports),
        health=f"http://{address}/readyz",
    )


def load_balancer_controller_resources(programs: Programs) -> list[CustomResource]:
    """Return the controller's custom resources; their definitions are in its release."""
    return [
        CustomResource(
            group=_GROUP,
            version=_VERSION,
            plural=plural,
            definition=partial(_manifest, programs, f"{_GROUP}_{plural}.yaml"),
        )
        for plural in ("ingressclassparams", "targetgroupbindings")
    ]


def create_load_balancer_controller_account(client: Client, programs: Programs) -> None:
    """Create its service account with the published permissions, unless they exist."""
    CONTROLLER.create_account(client, _manifest(programs, "role.yaml")["rules"])


def iam_policy(programs: Programs) -> Path:
    """Return the file of its published IAM policy."""
    return _files(programs) / "iam_policy.json"


def _manifest(programs: Programs, name: str) -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.load((_files(programs) / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
    return manifest


def _files(programs: Programs) -> Path:
    return programs.aws_load_balancer_controller.parent / "files"

"""external-dns: creates the DNS records that ingresses ask for, once they have a load balancer's address."""

from collections.abc import Mapping
from pathlib import Path

from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from local.build.programs import Programs
from local.kubernetes.client import create_if_absent
from local.kubernetes.controller import Controller
from local.runtime.certificates import Certificates
from local.runtime.ports import HOST
from local.runtime.process import Part
from modules.model.selected_settings import SHARED

EXTERNAL_DNS = "external-dns"
CONTROLLER = Controller(name=EXTERNAL_DNS, namespace=EXTERNAL_DNS)
# From its chart for ingresses, and from its instructions for AWS:
# https://github.com/kubernetes-sigs/external-dns/blob/v0.21.0/charts/external-dns/templates/clusterrole.yaml
# https://github.com/kubernetes-sigs/external-dns/blob/v0.21.0/docs/tutorials/aws.md#iam-policy
_RULES = (
    {
        "apiGroups": ["extensions", "networking.k8s.io"],
        "resources": ["ingresses"],
        "verbs": ["get", "watch", "list"],
    },
)
IAM_STATEMENTS = (
    {
        "Effect": "Allow",
        "Action": [
            "route53:ChangeResourceRecordSets",
            "route53:ListResourceRecordSets",
            "route53:ListTagsForResources",
        ],
        "Resource": ["arn:aws:route53:::hostedzone/*"],
    },
    {"Effect": "Allow", "Action": ["route53:ListHostedZones"], "Resource": ["*"]},
)


def external_dns_part(state: Path, ports: Mapping[str, int], *, certificates: Certificates, programs: Programs) -> Part:
    """Return the program, which owns the records of this cluster's ingresses in the domain's hosted zone."""
    address = f"{HOST}:{ports[EXTERNAL_DNS]}"
    options = {
        "kubeconfig": CONTROLLER.kubeconfig(state, ports, certificates),
        "provider": "aws",
        "source": "ingress",
        "domain-filter": SHARED.domain,
        "registry": "txt",
        "txt-owner-id": SHARED.cluster,
        "policy": "sync",
        "metrics-address": address,
        "interval": "1m",
        # Changes of an ingress take effect within seconds.
        "min-event-sync-interval": "2s",
    }
    return Part(
        name=EXTERNAL_DNS,
        version=programs.versions[EXTERNAL_DNS],
        port=ports[EXTERNAL_DNS],
        address=f"http://{address}",
        command=(
            str(programs.external_dns),
            *(f"--{option}={value}" for option, value in options.items()),
            "--events",
        ),
        environment=CONTROLLER.environment(state, ports),
        health=f"http://{address}/healthz",
    )


def create_external_dns_account(client: Client) -> None:
    """Create its namespace, and its service account with its permissions, unless they exist."""
    create_if_absent(client, Namespace(metadata=ObjectMeta(name=CONTROLLER.namespace)))
    CONTROLLER.create_account(client, _RULES)

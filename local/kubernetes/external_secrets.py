"""External Secrets Operator: copies secrets of the local Secrets Manager into the cluster."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from lightkube import Client
from lightkube.generic_resource import create_global_resource
from lightkube.models.meta_v1 import ObjectMeta

from local.aws.credentials import AccessKey
from local.aws.part import aws_endpoint
from local.build.programs import Programs
from local.kubernetes.client import create_if_absent
from local.kubernetes.control_plane import kubernetes_url
from local.kubernetes.custom_resources import CustomResource
from local.kubernetes.kubeconfig import write_kubeconfig
from local.runtime.certificates import Certificates
from local.runtime.ports import HOST
from local.runtime.private_files import private_folder, write_private
from local.runtime.process import Part
from modules.model.selected_settings import SHARED

EXTERNAL_SECRETS = "external-secrets"
# The account's own store, from before each environment had one: it reads every path, and no environment uses it.
CLUSTER_SECRET_STORE = "aws-secretsmanager"
_GROUP = "external-secrets.io"
# The kinds that the operator needs: if one is missing it exits, for some only after two minutes.
_KINDS = (
    (_GROUP, "v1", "clusterexternalsecrets"),
    (_GROUP, "v1", "clustersecretstores"),
    (_GROUP, "v1", "externalsecrets"),
    (_GROUP, "v1", "secretstores"),
    (f"generators.{_GROUP}", "v1alpha1", "generatorstates"),
)
# The operator's own metric: an earlier operator may have written the store's status in the cluster.
_STORE_IS_READY = (
    f'clustersecretstore_status_condition{{condition="Ready",name="{CLUSTER_SECRET_STORE}",namespace="",'
    'status="True"} 1'
)

_ClusterSecretStore = create_global_resource(_GROUP, "v1", "ClusterSecretStore", "clustersecretstores")


def external_secrets_part(
    state: Path, ports: Mapping[str, int], *, certificates: Certificates, programs: Programs, key: AccessKey
) -> Part:
    """Return the operator, which calls the local AWS as the IAM user of this key.

    It is ready once it has reached the local AWS for the ClusterSecretStore, which must exist when it starts.
    """
    folder = private_folder(state / EXTERNAL_SECRETS)
    kubeconfig = write_kubeconfig(
        folder / "kubeconfig",
        server=kubernetes_url(ports),
        authority=certificates.authority,
        client=certificates.client(EXTERNAL_SECRETS),
    )
    credentials = folder / "credentials"
    write_private(credentials, f"[default]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n")
    address = f"{HOST}:{ports[EXTERNAL_SECRETS]}"
    endpoint = aws_endpoint(ports)
    return Part(
        name=EXTERNAL_SECRETS,
        version=programs.versions[EXTERNAL_SECRETS],
        port=ports[EXTERNAL_SECRETS],
        address=f"http://{address}",
        command=(
            str(programs.external_secrets),
            f"--metrics-addr={address}",
            "--enable-leader-election=false",
            "--enable-push-secret-reconciler=false",
            "--enable-cluster-push-secret-reconciler=false",
            "--enable-generator-state=false",
            # It retries a store that is not ready within seconds, not within five minutes.
            "--store-requeue-interval=10s",
        ),
        environment={
            "KUBECONFIG": str(kubeconfig),
            "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
            "AWS_REGION": SHARED.region,
            "AWS_SECRETSMANAGER_ENDPOINT": endpoint,
            "AWS_STS_ENDPOINT": endpoint,
            # Otherwise it asks the instance metadata service, which does not exist here, for a role.
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        health=f"http://{address}/metrics#{_STORE_IS_READY}",
    )


def external_secrets_resources(programs: Programs) -> list[CustomResource]:
    """Return the operator's custom resources; their definitions are in its release."""
    return [
        CustomResource(
            group=group,
            version=version,
            plural=plural,
            definition=partial(_definition, programs.crd_folder / f"{group}_{plural}.yaml"),
        )
        for group, version, plural in _KINDS
    ]


def create_secret_store(client: Client) -> None:
    """Create the account's ClusterSecretStore unless it exists."""
    provider = {"aws": {"service": "SecretsManager", "region": SHARED.region}}
    store = _ClusterSecretStore(metadata=ObjectMeta(name=CLUSTER_SECRET_STORE), spec={"provider": provider})
    create_if_absent(client, store)


def _definition(file: Path) -> dict[str, Any]:
    """Return the definition without versions that are not served: half a megabyte each that nobody uses."""
    definition: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    versions = definition["spec"]["versions"]
    definition["spec"]["versions"] = [version for version in versions if version["served"]]
    return definition

"""External Secrets Operator: copies secrets of the local Secrets Manager into the cluster."""

import http
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from lightkube import Client
from lightkube.generic_resource import create_global_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition

from environments.shared import SHARED
from local import aws
from local.build import Programs
from local.certificates import Certificates
from local.control_plane import url
from local.credentials import AccessKey
from local.errors import LocalCloudError
from local.health import client_context
from local.kubeconfig import write_kubeconfig
from local.kubernetes_seed import create_if_absent
from local.ports import HOST
from local.private_files import private_folder, write_private
from local.process import Part
from local.waiting import wait_until

EXTERNAL_SECRETS = "external-secrets"
_GROUP = "external-secrets.io"
# What the operator needs: it ends itself, some only after two minutes, when one of them is missing.
_KINDS = (
    f"clusterexternalsecrets.{_GROUP}",
    f"clustersecretstores.{_GROUP}",
    f"externalsecrets.{_GROUP}",
    f"generatorstates.generators.{_GROUP}",
    f"secretstores.{_GROUP}",
)
# Its own word for it: the store's status in the cluster may be one that an earlier operator wrote.
_STORE_IS_READY = (
    f'clustersecretstore_status_condition{{condition="Ready",name="{SHARED.cluster_secret_store}",namespace="",'
    'status="True"} 1'
)
_READY_SECONDS = 60
_REQUEST_SECONDS = 30

_ClusterSecretStore = create_global_resource(_GROUP, "v1", "ClusterSecretStore", "clustersecretstores")


def part(
    state: Path, ports: Mapping[str, int], *, certificates: Certificates, programs: Programs, key: AccessKey
) -> Part:
    """Return the operator; it calls the local AWS as the IAM user of this key.

    It is ready when it could reach the local AWS for the ClusterSecretStore, which must be there when it starts.
    """
    folder = private_folder(state / EXTERNAL_SECRETS)
    kubeconfig = write_kubeconfig(
        folder / "kubeconfig",
        server=url(ports),
        authority=certificates.authority,
        client=certificates.client(EXTERNAL_SECRETS),
    )
    credentials = folder / "credentials"
    write_private(credentials, f"[default]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n")
    address = f"{HOST}:{ports[EXTERNAL_SECRETS]}"
    endpoint = aws.endpoint(ports)
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
            # A store that was not ready is looked at again within seconds, not within five minutes.
            "--store-requeue-interval=10s",
        ),
        environment={
            "KUBECONFIG": str(kubeconfig),
            "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
            "AWS_REGION": SHARED.region,
            "AWS_SECRETSMANAGER_ENDPOINT": endpoint,
            "AWS_STS_ENDPOINT": endpoint,
            # The instance metadata service, which does not exist here, is asked for a role otherwise.
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        health=f"http://{address}/metrics#{_STORE_IS_READY}",
    )


def install_kinds(
    client: Client,
    ports: Mapping[str, int],
    *,
    certificates: Certificates,
    programs: Programs,
    cancelled: threading.Event,
) -> None:
    """Create the operator's custom resource definitions that are absent, and wait until the API server serves them."""
    context = client_context(certificates)
    for kind in _KINDS:
        request = urllib.request.Request(  # noqa: S310 loopback
            f"{url(ports)}/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            data=json.dumps(_definition(programs.crd_folder, kind)).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=_REQUEST_SECONDS, context=context).close()  # noqa: S310 loopback
        except urllib.error.HTTPError as error:
            if error.code != http.HTTPStatus.CONFLICT:
                raise LocalCloudError(f"the API server refused {kind}: {error.read().decode()}") from error
    for kind in _KINDS:
        _wait_until_served(client, kind, cancelled)


def create_store(client: Client) -> None:
    """Create the account's ClusterSecretStore unless it is there."""
    provider = {"aws": {"service": "SecretsManager", "region": SHARED.region}}
    store = _ClusterSecretStore(metadata=ObjectMeta(name=SHARED.cluster_secret_store), spec={"provider": provider})
    create_if_absent(client, store)


def _definition(folder: Path, kind: str) -> dict[str, Any]:
    """Return the definition without its versions that are not served: half a megabyte each, for which nobody asks."""
    plural, _, group = kind.partition(".")
    definition: dict[str, Any] = yaml.load((folder / f"{group}_{plural}.yaml").read_text(), yaml.CSafeLoader)
    versions = definition["spec"]["versions"]
    definition["spec"]["versions"] = [version for version in versions if version["served"]]
    return definition


def _wait_until_served(client: Client, kind: str, cancelled: threading.Event) -> None:
    def problem() -> str | None:
        status = client.get(CustomResourceDefinition, kind).status
        conditions = {it.type: it for it in (status and status.conditions) or []}
        found = conditions.get("Established")
        return None if found and found.status == "True" else "the API server has not taken it in"

    wait_until(problem, what=f"{kind} is not served", seconds=_READY_SECONDS, cancelled=cancelled)

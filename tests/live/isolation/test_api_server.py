"""The cluster's API: a pod's own token opens nothing there, in no namespace."""

from collections.abc import Callable, Mapping
from itertools import product

import pytest
from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Pod, Secret, ServiceAccount

from delivery.verification.secrets import ExternalSecret
from environments.shared import SHARED
from tests.live.isolation.side import Side, listed, token
from tests.live.isolation.test_pod_security import RESTRICTED, pod
from tests.live.project import Project

pytestmark = [pytest.mark.promise("Isolation"), pytest.mark.read_only]
FORBIDDEN = 403
# The store of External Secrets reads every path for whoever may make an ExternalSecret.
CALLS: Mapping[str, Callable[[Client, Side], object]] = {
    "list Secrets": lambda client, side: list(client.list(Secret, namespace=side.names.namespace)),
    "read the database's Secret": lambda client, side: client.get(
        Secret, "database-credentials", namespace=side.names.namespace
    ),
    "list ConfigMaps": lambda client, side: list(client.list(ConfigMap, namespace=side.names.namespace)),
    "list Pods": lambda client, side: list(client.list(Pod, namespace=side.names.namespace)),
    "make a Pod": lambda client, side: client.create(pod(side, RESTRICTED), dry_run=True),
    "delete a Deployment": lambda client, side: client.delete(
        Deployment, "core-api", namespace=side.names.namespace, dry_run=True
    ),
    "make an ExternalSecret": lambda client, side: client.create(
        ExternalSecret(metadata=ObjectMeta(name="isolation-probe", namespace=side.names.namespace)), dry_run=True
    ),
}


def as_service_account(project: Project, namespace: str, account: str) -> Client:
    """A client of the API server with what a pod of this service account could hold."""
    cluster = project.client("eks").describe_cluster(name=SHARED.cluster)["cluster"]
    server = {"server": cluster["endpoint"], "certificate-authority-data": cluster["certificateAuthority"]["data"]}
    user = {"token": token(project.kubernetes, namespace, account, cluster["identity"]["oidc"]["issuer"])}
    configuration = {
        "clusters": [{"name": "cluster", "cluster": server}],
        "users": [{"name": account, "user": user}],
        "contexts": [{"name": account, "context": {"cluster": "cluster", "user": account}}],
        "current-context": account,
    }
    return Client(config=KubeConfig.from_dict(configuration))


def test_no_service_account_of_an_environment_may_do_anything_in_the_cluster(
    project: Project, own: Side, other: Side
) -> None:
    accounts = [it.metadata for it in project.kubernetes.list(ServiceAccount, namespace=own.names.namespace)]
    names = [str(metadata.name) for metadata in accounts if metadata]
    assert {"core-api", "web", "default"} <= set(names)
    allowed = []
    for name in names:
        client = as_service_account(project, own.names.namespace, name)
        for side, (what, call) in product((own, other), CALLS.items()):
            try:
                call(client, side)
            except ApiError as error:
                assert error.status.code == FORBIDDEN, f"{name}: {what}: {error}"  # noqa: PT017
            else:
                allowed.append(f"{own.names.namespace}:{name} may {what} in {side.names.namespace}")
    assert not allowed, listed(allowed)

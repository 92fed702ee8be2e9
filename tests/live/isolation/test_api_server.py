"""The cluster's API: a pod's own token allows nothing there, in any namespace."""

from collections.abc import Callable, Mapping
from itertools import product

import pytest
from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Pod, Secret, ServiceAccount

from delivery.verification.secrets import ExternalSecret, SecretStore
from tests.account import SHARED
from tests.live.isolation.probe_pod import RESTRICTED, pod
from tests.live.isolation.tenant import STS_AUDIENCE, Tenant, listed, token
from tests.live.project import Project

pytestmark = [pytest.mark.promise("Isolation"), pytest.mark.read_only]
FORBIDDEN = 403
# test_secret_store.py tests what a store of their own would read for them; they cannot even create one.
CALLS: Mapping[str, Callable[[Client, Tenant], object]] = {
    "list Secrets": lambda client, tenant: list(client.list(Secret, namespace=tenant.names.namespace)),
    "read the database's Secret": lambda client, tenant: client.get(
        Secret, "database-credentials", namespace=tenant.names.namespace
    ),
    "list ConfigMaps": lambda client, tenant: list(client.list(ConfigMap, namespace=tenant.names.namespace)),
    "list Pods": lambda client, tenant: list(client.list(Pod, namespace=tenant.names.namespace)),
    "make a Pod": lambda client, tenant: client.create(pod(tenant, RESTRICTED), dry_run=True),
    "delete a Deployment": lambda client, tenant: client.delete(
        Deployment, "core-api", namespace=tenant.names.namespace, dry_run=True
    ),
    "make an ExternalSecret": lambda client, tenant: client.create(
        ExternalSecret(metadata=ObjectMeta(name="isolation-probe", namespace=tenant.names.namespace)), dry_run=True
    ),
    "make a SecretStore": lambda client, tenant: client.create(
        SecretStore(metadata=ObjectMeta(name="isolation-probe", namespace=tenant.names.namespace)), dry_run=True
    ),
    "make a token of the secret store's account": lambda client, tenant: token(
        client, tenant.names.namespace, tenant.names.secret_store_account, STS_AUDIENCE
    ),
}


def as_service_account(project: Project, namespace: str, account: str) -> Client:
    """Return a client of the API server with the token that a pod of this service account could hold."""
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


def test_an_environments_service_accounts_can_do_nothing_in_the_cluster(
    project: Project, own: Tenant, other: Tenant
) -> None:
    accounts = [it.metadata for it in project.kubernetes.list(ServiceAccount, namespace=own.names.namespace)]
    names = [str(metadata.name) for metadata in accounts if metadata]
    assert {"core-api", "web", "default", own.names.secret_store_account} <= set(names)
    allowed = []
    for name in names:
        client = as_service_account(project, own.names.namespace, name)
        for tenant, (what, call) in product((own, other), CALLS.items()):
            try:
                call(client, tenant)
            except ApiError as error:
                assert error.status.code == FORBIDDEN, f"{name}: {what}: {error}"  # noqa: PT017
            else:
                allowed.append(f"{own.names.namespace}:{name} may {what} in {tenant.names.namespace}")
    assert not allowed, listed(allowed)

"""Ways to get another environment's secrets through External Secrets Operator, from within one's own namespace.

The cluster's administrator creates the objects, as a deploy or a chart of the own environment would: no service
account may. IAM refuses, and the operator reports it.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import GenericNamespacedResource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Event, Secret, ServiceAccount

from delivery.verification.secrets import ExternalSecret, SecretStore
from environments.applications import CORE_API
from modules.model.names import SECRET_STORE_ACCOUNT
from tests.account import SHARED
from tests.live.isolation.tenant import STS_AUDIENCE, Tenant, assume, token

_SECONDS = 60
_NOT_FOUND = 404
Spec = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Copy:
    """An ExternalSecret of the own namespace.

    name: in words. Everything else depends on the other environment: path, field: what it copies. reference: what its
    secretStoreRef adds. store: how a SecretStore created for it differs from the environment's own. role: the role that
    a service account created for it claims.
    """

    name: str
    path: Callable[[Tenant], str]
    field: str
    reference: Callable[[Tenant], Spec] | None = None
    store: Callable[[Tenant], Spec] | None = None
    role: Callable[[Tenant], str] | None = None

    def make(self, own: Tenant, other: Tenant, title: str) -> None:
        """Create its objects; title: of each of them."""
        kubernetes, metadata = own.project.kubernetes, ObjectMeta(name=title, namespace=own.names.namespace)
        account = own.names.secret_store_account
        if self.role:
            account = title
            annotations = {"eks.amazonaws.com/role-arn": self.role(other)}
            kubernetes.create(
                ServiceAccount(metadata=ObjectMeta(name=title, namespace=own.names.namespace, annotations=annotations))
            )
        store = own.names.secret_store
        if self.store or self.role:
            store = title
            auth = {"jwt": {"serviceAccountRef": {"name": account}}}
            aws = {"service": "SecretsManager", "region": SHARED.region, "auth": auth}
            differing = self.store(other) if self.store else {}
            kubernetes.create(SecretStore(metadata=metadata, spec={"provider": {"aws": {**aws, **differing}}}))
        reference = self.reference(other) if self.reference else {}
        kubernetes.create(
            ExternalSecret(
                metadata=metadata,
                spec={
                    "refreshInterval": "1h0m0s",
                    "secretStoreRef": {"kind": "SecretStore", "name": store, **reference},
                    "target": {"name": title},
                    "data": [{"secretKey": "value", "remoteRef": {"key": self.path(other), "property": self.field}}],
                },
            )
        )

    def is_refused(self, own: Tenant, _other: Tenant, title: str) -> bool:
        """Return whether IAM refused it, once the operator has decided. Fails if it does not decide within a minute."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            if _read(own, Secret, title):
                return False
            # Only IAM's own words count: before the operator has checked a store, its complaints are no refusal.
            if any("AccessDenied" in line for line in _complaints(own, title)):
                return True
            time.sleep(0.5)
        raise AssertionError(f"{self.name}: neither filled nor denied by IAM: {_complaints(own, title)}")

    def remove(self, own: Tenant, title: str) -> None:
        """Delete its objects, and wait until the Secret that the operator may have created is gone."""
        for kind in (ExternalSecret, SecretStore, ServiceAccount):
            _delete(own, kind, title)
        deadline = time.monotonic() + _SECONDS
        while _read(own, Secret, title):
            assert time.monotonic() < deadline, f"{title} holds what {self.name!r} has copied"
            time.sleep(0.5)


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A store's role, assumed with the token of a service account of the own namespace.

    name: in words. account: the service account. is_others: whether the role belongs to the other store.
    """

    name: str
    account: str
    is_others: bool

    def make(self, own: Tenant, other: Tenant, title: str) -> None:
        """Create nothing: the attempt needs no objects."""

    def is_refused(self, own: Tenant, other: Tenant, _title: str) -> bool:
        """Return whether STS refused the token."""
        held = token(own.project.kubernetes, own.names.namespace, self.account, STS_AUDIENCE)
        try:
            assume(own.project, store_role(other if self.is_others else own), held)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied", error  # noqa: PT017
            return True
        return False

    def remove(self, own: Tenant, title: str) -> None:
        """Delete nothing: the attempt leaves no objects."""


def store_role(tenant: Tenant) -> str:
    """Return the role of an environment's secret store."""
    return f"arn:aws:iam::{SHARED.account}:role/{tenant.names.secret_store_role}"


def _session_key(other: Tenant) -> str:
    return other.names.session_key


# These would succeed if the own store's role had more permissions.
BY_OWN_ROLE = (
    Copy(name="the session key, by the own store", path=_session_key, field="secret-key"),
    Copy(
        name="the session key, by the store of the other namespace",
        path=_session_key,
        field="secret-key",
        reference=lambda other: {"namespace": other.names.namespace},
    ),
    Copy(
        name="the session key, by a store that names the service account of the other namespace",
        path=_session_key,
        field="secret-key",
        store=lambda other: {
            "auth": {
                "jwt": {
                    "serviceAccountRef": {
                        "name": other.names.secret_store_account,
                        "namespace": other.names.namespace,
                    }
                }
            }
        },
    ),
    Copy(
        name="the database credentials, by the own store",
        path=lambda other: other.names.database_credentials,
        field="password",
    ),
    Copy(
        name="the internal API token, by the own store",
        path=lambda other: other.names.generated_secrets[1],
        field="token",
    ),
    Copy(
        name="the database administrator's login, by the own store",
        path=lambda other: other.project.administrator_secret,
        field="password",
    ),
)
ATTEMPTS: tuple[Copy | Assumption, ...] = (
    *BY_OWN_ROLE,
    Copy(
        name="the session key, by a store that assumes the other store's role",
        path=_session_key,
        field="secret-key",
        store=lambda other: {"role": store_role(other)},
    ),
    Copy(
        name="the session key, by a service account that claims the other store's role",
        path=_session_key,
        field="secret-key",
        role=store_role,
    ),
    Assumption(
        name="the other store's role, with the token of the own store's service account",
        account=SECRET_STORE_ACCOUNT,
        is_others=True,
    ),
    Assumption(name="the own store's role, with a token of core-api", account=CORE_API.name, is_others=False),
)


def needed(other: Tenant) -> list[str]:
    """Return the ARN of each secret that BY_OWN_ROLE tries to copy."""
    describe = other.project.client("secretsmanager").describe_secret
    return [str(describe(SecretId=path)["ARN"]) for path in sorted({attempt.path(other) for attempt in BY_OWN_ROLE})]


def not_refused(own: Tenant, other: Tenant) -> list[str]:
    """Return the names of the attempts that succeeded."""
    # Never reuse a name: the operator's messages about an object last for an hour.
    once = secrets.token_hex(4)
    named = {f"isolation-store-{once}-{number}": attempt for number, attempt in enumerate(ATTEMPTS)}
    try:
        for title, attempt in named.items():
            attempt.make(own, other, title)
        return [attempt.name for title, attempt in named.items() if not attempt.is_refused(own, other, title)]
    finally:
        for title, attempt in named.items():
            attempt.remove(own, title)


def _complaints(own: Tenant, title: str) -> list[str]:
    """Return the operator's messages about a store or ExternalSecret of this name; its status only summarizes them."""
    events = own.project.kubernetes.list(
        Event, namespace=own.names.namespace, fields={"involvedObject.name": title, "type": "Warning"}
    )
    return [str(event.message) for event in events if event.message]


def _read(own: Tenant, kind: type[Secret], title: str) -> Secret | None:
    try:
        return own.project.kubernetes.get(kind, title, namespace=own.names.namespace)
    except ApiError as error:
        if error.status.code != _NOT_FOUND:
            raise
        return None


def _delete(own: Tenant, kind: type[GenericNamespacedResource | ServiceAccount], title: str) -> None:
    try:
        own.project.kubernetes.delete(kind, title, namespace=own.names.namespace)
    except ApiError as error:
        if error.status.code != _NOT_FOUND:
            raise

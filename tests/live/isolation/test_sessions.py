"""Sessions: a cookie signed by one environment is worthless in the other, and neither overwrites the other's."""

import base64
import hmac
from dataclasses import dataclass, field

import pytest
from itsdangerous import BadSignature, URLSafeTimedSerializer
from lightkube.models.core_v1 import EnvVar
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Secret

from tests.live.isolation.tenant import Tenant

pytestmark = [pytest.mark.promise("Isolation"), pytest.mark.read_only]
USER = {"user": "9b2f"}


@dataclass(frozen=True)
class Key:
    """A signing key, which no failure may print."""

    value: str = field(repr=False)

    @classmethod
    def of(cls, tenant: Tenant) -> "Key":
        return cls(tenant.project.secret(tenant.names.session_key)["secret-key"])

    def is_the_same_as(self, other: "Key") -> bool:
        return hmac.compare_digest(self.value, other.value)

    @property
    def serializer(self) -> URLSafeTimedSerializer:
        """itsdangerous, with which Python's web frameworks sign sessions."""
        return URLSafeTimedSerializer(self.value)


def variables(tenant: Tenant) -> dict[str, EnvVar]:
    """Return the environment variables of core-api's containers, without those of init containers."""
    deployment = tenant.project.kubernetes.get(Deployment, "core-api", namespace=tenant.names.namespace)
    assert deployment.spec is not None
    pod = deployment.spec.template.spec
    assert pod is not None
    return {variable.name: variable for container in pod.containers for variable in container.env or []}


def test_a_cookie_signed_by_one_environment_fails_in_the_other(own: Tenant, other: Tenant) -> None:
    cookie = Key.of(own).serializer.dumps(USER)
    assert Key.of(own).serializer.loads(cookie) == USER
    accepted = True
    try:
        Key.of(other).serializer.loads(cookie)
    except BadSignature:
        accepted = False
    assert not accepted, f"{other.settings.name} accepts what {own.settings.name} signed"


def test_the_pods_sign_with_the_key_of_their_environment(own: Tenant, other: Tenant) -> None:
    source = variables(own)["SESSION_SECRET_KEY"].valueFrom
    assert source is not None
    assert source.secretKeyRef is not None
    held = own.project.kubernetes.get(Secret, str(source.secretKeyRef.name), namespace=own.names.namespace)
    assert held.data is not None
    key = Key(base64.b64decode(held.data[source.secretKeyRef.key]).decode())
    assert key.is_the_same_as(Key.of(own)), "the pods' key is not the one in Secrets Manager"
    assert not key.is_the_same_as(Key.of(other)), "both environments sign with the same key"


def test_neither_environment_overwrites_the_others_cookie(own: Tenant, other: Tenant) -> None:
    mine, theirs = ({name: it.value for name, it in variables(tenant).items()} for tenant in (own, other))
    # A browser sends a cookie of the shared parent domain to both; only the name distinguishes them.
    assert mine["SESSION_COOKIE_DOMAIN"] == theirs["SESSION_COOKIE_DOMAIN"]
    assert mine["SESSION_COOKIE_NAME"] == own.settings.session.cookie_name
    assert mine["SESSION_COOKIE_NAME"] != theirs["SESSION_COOKIE_NAME"]

"""Makes moto heed the condition of a TLS-only bucket policy: by itself it denies whatever such a statement names.

moto takes a statement whose condition it does not know for one that applies, so that a bucket which demands TLS would
deny its objects to everybody. The local cloud speaks plain HTTP on the loopback interface, which no other machine can
listen to, and counts that as secure transport.
"""

import json

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

_WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}


def install() -> None:
    """Let every bucket of this process judge requests so."""
    setattr(FakeBucket, "get_permission", _permission)  # noqa: B010 mypy forbids the plain form


def _permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    policy["Statement"] = [statement for statement in statements if statement.get("Condition") != _WITHOUT_TLS]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)
